/** The machines: what runs where, and what waits and why. */
import { z } from 'zod';
import { whole } from './numbers.ts';
import { Progress, WorkerView } from './views.ts';

const Named = z.strictObject({ id: z.uuid(), name: z.string() });

export const WaitCause = z.enum([
  'no worker',
  'paused',
  'budget',
  'limit of the sweep',
  'limit of the owner',
  'delayed',
  'priority',
  'slots',
  'next',
]);
export type WaitCause = z.infer<typeof WaitCause>;

export const FleetView = z.strictObject({
  workers: z.array(
    WorkerView.extend({
      samplesPerSecond: z.number().nullable().describe('Training images of all of its runs; null if none trains'),
    }),
  ),
  running: z.array(
    z.strictObject({
      id: z.uuid(),
      sweep: Named,
      axes: z.record(z.string(), z.unknown()),
      seed: whole,
      attempt: whole,
      worker: z.string().nullable(),
      startedAt: z.iso.datetime().nullable().describe('When its attempt was claimed'),
      heartbeatAt: z.iso.datetime().nullable(),
      progress: Progress.nullable(),
      stopping: z.string().nullable().describe('Why it is asked to stop'),
    }),
  ),
  waiting: z.array(
    z.strictObject({
      sweep: Named,
      owner: z.string(),
      priority: z.int(),
      queued: whole,
      cause: WaitCause,
      because: z.string().describe('The first thing that keeps its runs from starting, in words'),
    }),
  ),
  total: z.strictObject({ running: whole, waiting: whole.describe('Sweeps with queued runs') }),
});
export type FleetView = z.infer<typeof FleetView>;
