/** What a caller that drives a search sends and gets. */
import { z } from 'zod';
import { whole } from './numbers.ts';
import { AxisPath, fewAxes, TOO_MANY_AXES } from './spec.ts';
import { RunState } from './states.ts';

export const Ask = z.strictObject({
  axes: z
    .record(AxisPath, z.unknown())
    .refine(fewAxes, TOO_MANY_AXES)
    .optional()
    .describe(
      'A value for each axis of the space that has one: this config is tried. Without it, the sampler suggests one',
    ),
  train: z
    .boolean()
    .default(true)
    .describe('Whether workers train it, on the seeds of the spec; else the caller tells its value'),
});
export type Ask = z.infer<typeof Ask>;

export const Tell = z.union([
  z.strictObject({
    trial: whole.describe('Number of the trial, as `ask` gave it'),
    value: z.number().nullable().describe('What the caller measured, in the metric of `compare`; null if it failed'),
  }),
  z.strictObject({ finish: z.literal(true).describe('End the sweep: runs without a result are dropped') }),
]);
export type Tell = z.infer<typeof Tell>;

export const TrialView = z.strictObject({
  trial: whole.describe('Its number in the sweep, from 0'),
  by: z.string().describe('What chose it: a sampler, or the caller'),
  axes: z.record(z.string(), z.unknown()),
  config: z.unknown().describe('Every parameter except the seed'),
  configId: z.uuid(),
  state: z.enum(['waiting', 'done', 'failed']).describe('waiting: for its runs, or for `tell`'),
  value: z
    .number()
    .nullable()
    .describe('Mean over its runs on validation, in the metric of `compare`, or what was told; null unless it is done'),
  runs: z.array(z.strictObject({ id: z.uuid(), seed: whole, state: RunState, value: z.number().nullable() })),
});
export type TrialView = z.infer<typeof TrialView>;
