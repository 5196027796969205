/** The attempts at a run, and their logs. */
import { z } from 'zod';
import { whole } from './numbers.ts';
import { Cause } from './states.ts';

export const AttemptView = z.strictObject({
  number: z.int().min(1),
  worker: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  cause: Cause.nullable(),
  message: z.string().nullable(),
  totalSteps: whole.nullable(),
  epochs: whole.nullable(),
  parameters: whole.nullable(),
  datasetHash: z.string().nullable(),
  resumedFrom: whole.nullable().describe('Step of the checkpoint that it resumed from'),
  compiled: z.boolean().nullable(),
  notes: z.array(z.string()),
  environment: z.unknown().describe('Code, software and device; null before training started'),
});
export type AttemptView = z.infer<typeof AttemptView>;

/** What an attempt's trainer printed, and a line for each of its events. */
export const RunLog = z.strictObject({
  attempt: whole.describe('0: no attempt has started'),
  dropped: whole.describe('Lines before the first that are not kept: the last 64 KiB are'),
  lines: z.array(z.strictObject({ at: z.iso.datetime(), text: z.string() })),
});
export type RunLog = z.infer<typeof RunLog>;
