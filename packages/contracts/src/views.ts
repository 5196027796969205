/** What the API answers. No transforms here: these schemas are also the OpenAPI page. */
import { z } from 'zod';
import { Cause, RunState, SweepState } from './states.ts';

const time = z.iso.datetime();

export const Counts = z.strictObject(
  Object.fromEntries(RunState.options.map((s) => [s, z.int().min(0)])) as Record<RunState, z.ZodInt>,
);
export type Counts = z.infer<typeof Counts>;

export const SweepView = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  state: SweepState,
  counts: Counts,
  owner: z.string(),
  priority: z.int(),
  limits: z.strictObject({ running: z.int().nullable().describe('Runs at once at most') }),
  budget: z.strictObject({ deviceHours: z.number().nullable() }),
  createdAt: time,
});
export type SweepView = z.infer<typeof SweepView>;
export const SweepDetail = SweepView.extend({ spec: z.unknown() });
export type SweepDetail = z.infer<typeof SweepDetail>;

/** An owner, and what of its sweeps waits and runs. */
export const OwnerView = z.strictObject({
  name: z.string(),
  weight: z.number(),
  limits: z.strictObject({ running: z.int().nullable().describe('Runs at once at most') }),
  queued: z.int().min(0),
  running: z.int().min(0),
});
export type OwnerView = z.infer<typeof OwnerView>;

/** What a trainer does beside its steps. */
export const Stage = z.strictObject({
  name: z.enum(['downloading', 'packing', 'writing', 'waiting', 'evaluating', 'testing']),
  done: z.int().min(0),
  total: z.int().min(0).nullable().describe('null where it is not known'),
});
export type Stage = z.infer<typeof Stage>;

export const Progress = z.strictObject({
  step: z.int().min(0),
  totalSteps: z.int().min(0),
  epoch: z.number().min(0),
  epochs: z.int().min(0),
  loss: z.number().nullable(),
  samplesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  stage: Stage.optional().describe('What it does beside its steps; absent while it takes them'),
});
export type Progress = z.infer<typeof Progress>;

export const RunView = z.strictObject({
  id: z.uuid(),
  sweepId: z.uuid(),
  state: RunState,
  cause: Cause.nullable(),
  message: z.string().nullable(),
  attempt: z.int().min(0),
  paused: z.boolean().describe('It, or its sweep: while it is queued it waits, while it runs it is asked to stop'),
  configId: z.uuid(),
  configHash: z.string().describe('Canonical hash of the config; equal configs of different sweeps have the same hash'),
  config: z.unknown().describe('Every parameter except the seed'),
  axes: z.record(z.string(), z.unknown()).describe('The values that this config takes on the sweep’s axes'),
  seed: z.int().min(0),
  progress: Progress.nullable(),
  valAccuracy: z.number().nullable(),
  testAccuracy: z.number().nullable(),
  trainAccuracy: z.number().nullable(),
  notes: z.array(z.string()),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type RunView = z.infer<typeof RunView>;

export const MetricView = z.strictObject({
  name: z.string(),
  step: z.int().min(0),
  epoch: z.number().min(0),
  value: z.number().nullable().describe('null where the value was not finite'),
});
export type MetricView = z.infer<typeof MetricView>;

export const CheckpointView = z.strictObject({
  id: z.uuid(),
  runId: z.uuid(),
  kind: z.enum(['best', 'last']),
  attempt: z.int().min(1),
  step: z.int().min(0),
  epoch: z.int().min(0),
  valAccuracy: z.number().nullable(),
  sha256: z.string(),
  bytes: z.int().min(0),
  createdAt: time,
  current: z.boolean().describe('The newest of its kind; others are kept behind it'),
  pinned: z.boolean().describe('Kept until a user lets go of it'),
});
export type CheckpointView = z.infer<typeof CheckpointView>;

/** One change of a state. States of a run are `RunState`; an attempt is running or ended; a sweep is queued, cancelled or finished. */
export const EventView = z.strictObject({
  number: z.int().min(1).describe('Place in the log, which has no gaps; what Last-Event-ID names'),
  at: time,
  subject: z.enum(['sweep', 'run', 'attempt']),
  sweepId: z.uuid(),
  runId: z.uuid().nullable(),
  attempt: z.int().min(0).nullable(),
  before: z.string().nullable().describe('The state before, or null where there was none'),
  state: z.string(),
  cause: Cause.nullable(),
  message: z.string().nullable(),
});
export type EventView = z.infer<typeof EventView>;

export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** An error, after RFC 9457. `errors` points (RFC 6901) at each field that is wrong. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
