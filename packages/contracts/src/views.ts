/** The responses of the API. No transforms here: these schemas are also the OpenAPI document. */
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
  limits: z.strictObject({ running: z.int().nullable().describe('Maximum number of concurrent runs') }),
  budget: z.strictObject({ deviceHours: z.number().nullable() }),
  createdAt: time,
});
export type SweepView = z.infer<typeof SweepView>;

/** A sweep in a list: what it varies, what it found, what it cost and how long it takes. */
export const SweepItem = SweepView.extend({
  varies: z.string().nullable().describe('Axes and number of seeds in words; null until they are known'),
  verdict: z
    .string()
    .nullable()
    .describe('The result in one line, on test, by the metric of the spec; null without a result'),
  deviceSeconds: z.number().min(0).describe('Of all attempts that have ended, lost ones too'),
  secondsLeft: z
    .number()
    .min(0)
    .nullable()
    .describe('Estimate for the runs that are left, with as many at a time as now; null while none runs'),
});
export type SweepItem = z.infer<typeof SweepItem>;

export const SweepDetail = SweepItem.extend({ spec: z.unknown() });
export type SweepDetail = z.infer<typeof SweepDetail>;

/** Orders of a list of sweeps. */
export const SweepOrder = z.enum(['newest', 'oldest', 'name', 'cost']);
export type SweepOrder = z.infer<typeof SweepOrder>;

/** An owner, with the number of its queued and running runs. */
export const OwnerView = z.strictObject({
  name: z.string(),
  weight: z.number(),
  limits: z.strictObject({ running: z.int().nullable().describe('Maximum number of concurrent runs') }),
  queued: z.int().min(0),
  running: z.int().min(0),
});
export type OwnerView = z.infer<typeof OwnerView>;

/** What a trainer does between steps. */
export const Stage = z.strictObject({
  name: z.enum(['listing', 'downloading', 'packing', 'writing', 'waiting', 'evaluating', 'testing']),
  done: z.int().min(0),
  total: z.int().min(0).nullable().describe('null if unknown'),
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
  stage: Stage.optional().describe('What the trainer does between steps; absent during steps'),
});
export type Progress = z.infer<typeof Progress>;

export const RunView = z.strictObject({
  id: z.uuid(),
  sweepId: z.uuid(),
  state: RunState,
  cause: Cause.nullable(),
  message: z.string().nullable(),
  attempt: z.int().min(0),
  paused: z.boolean().describe('Whether the run or its sweep is paused: a queued run waits, a running run stops'),
  configId: z.uuid(),
  configHash: z.string().describe('Canonical hash of the config; equal configs of different sweeps have the same hash'),
  config: z.unknown().describe('Every parameter except the seed'),
  axes: z.record(z.string(), z.unknown()).describe('The values of this config on the axes of the sweep'),
  seed: z.int().min(0),
  progress: Progress.nullable(),
  valAccuracy: z.number().nullable(),
  testAccuracy: z.number().nullable(),
  trainAccuracy: z.number().nullable(),
  notes: z.array(z.string()),
  reusedFrom: z.uuid().nullable().describe('The equal run whose result it has, instead of being trained'),
  forkedFrom: z
    .uuid()
    .nullable()
    .describe('The run with another config from whose checkpoint it started; its figures are those of that schedule'),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type RunView = z.infer<typeof RunView>;

/** Orders of a list of runs. */
export const RunOrder = z.enum(['position', 'config', 'seed', 'state', 'validation', 'test', 'attempts']);
export type RunOrder = z.infer<typeof RunOrder>;

export const MetricView = z.strictObject({
  name: z.string(),
  step: z.int().min(0),
  epoch: z.number().min(0),
  value: z.number().nullable().describe('null if the value is not finite'),
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
  current: z.boolean().describe('Whether it is the newest of its kind'),
  pinned: z.boolean().describe('Kept until a user unpins it'),
});
export type CheckpointView = z.infer<typeof CheckpointView>;

/** One change of a state. States of a run are `RunState`; an attempt is running or ended; a sweep is queued, cancelled or finished. */
export const EventView = z.strictObject({
  number: z.int().min(1).describe('Number in the log, without gaps; the value of Last-Event-ID'),
  at: time,
  subject: z.enum(['sweep', 'run', 'attempt']),
  sweepId: z.uuid(),
  runId: z.uuid().nullable(),
  attempt: z.int().min(0).nullable(),
  before: z.string().nullable().describe('The previous state; null for the first'),
  state: z.string(),
  cause: Cause.nullable(),
  message: z.string().nullable(),
});
export type EventView = z.infer<typeof EventView>;

/** What an id names. */
export const IdKind = z.enum(['sweep', 'config', 'run', 'checkpoint']);
export type IdKind = z.infer<typeof IdKind>;

export const IdMatch = z.strictObject({
  kind: IdKind,
  id: z.uuid(),
  name: z.string().describe('Name of a sweep; with the config, and the seed of a run; kind and step of a checkpoint'),
});
export type IdMatch = z.infer<typeof IdMatch>;

export const IdMatches = z.strictObject({
  items: z.array(IdMatch),
  more: z.boolean().describe('Whether there are further matches'),
});
export type IdMatches = z.infer<typeof IdMatches>;

/** What retrying a sweep would requeue. */
export const RetryPlan = z.strictObject({
  runs: z.int().min(1).describe('Number of runs that would be requeued'),
  failed: z.int().min(0),
  cancelled: z.int().min(0),
});
export type RetryPlan = z.infer<typeof RetryPlan>;

/** A worker process. */
export const WorkerView = z.strictObject({
  id: z.uuid(),
  name: z.string().describe('HOST/PID'),
  state: z.enum(['alive', 'stopped', 'lost']).describe('lost: no heartbeat within its lease'),
  slots: z.int().min(1).describe('Runs that it trains at a time'),
  running: z.int().min(0),
  device: z.string().nullable(),
  version: z.string(),
  startedAt: time,
  heartbeatAt: time,
});
export type WorkerView = z.infer<typeof WorkerView>;

export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** An error (RFC 9457). `errors` has a JSON pointer (RFC 6901) to each invalid field. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
