/** What plots of a sweep draw: curves over training, and a point for each config. */
import { z } from 'zod';
import { AnswerMetric, AnswerSplit } from './answers.ts';
import { seconds, whole } from './numbers.ts';

export const CurveX = z.enum(['step', 'epoch', 'samples', 'time']);
export type CurveX = z.infer<typeof CurveX>;

/** One metric over training, a line for each config. */
export const Curves = z.strictObject({
  metric: z.string(),
  x: CurveX.describe('time: device seconds of training, without pauses and lost attempts, in proportion to the steps'),
  metrics: z.array(z.string()).describe('The metrics that runs of the sweep have measured'),
  configs: z.array(
    z.strictObject({
      configId: z.uuid(),
      position: whole,
      name: z.string(),
      seeds: whole.describe('Runs with points'),
      points: z.array(
        z.strictObject({
          x: z.number(),
          n: whole.describe(
            'Runs with a value here: fewer than `seeds` where one has stopped early or has not come so far',
          ),
          mean: z.number(),
          min: z.number(),
          max: z.number(),
        }),
      ),
    }),
  ),
  omitted: whole.describe('Configs with points that are not listed: name them in `configs`'),
});
export type Curves = z.infer<typeof Curves>;

/** Every config of a sweep as columns: the i-th entry of each list is of one config. */
export const SweepPoints = z.strictObject({
  metric: AnswerMetric,
  split: AnswerSplit,
  positions: z.array(whole).describe('Index of each config in the sweep'),
  axes: z
    .array(
      z.strictObject({
        path: z.string(),
        name: z.string(),
        labels: z.array(z.string()).nullable().describe('Values in words, if `values` are indices; null: numbers'),
        values: z.array(z.number().nullable()).describe('null: the config does not have the axis'),
      }),
    )
    .describe('The axes that vary'),
  mean: z.array(z.number().nullable()).describe('Over seeds; null without a result'),
  n: z.array(whole).describe('Seeds with a result'),
  macs: z.array(z.number().nullable()),
  parameters: z.array(z.number().nullable()),
  deviceSeconds: z.array(seconds.nullable()),
});
export type SweepPoints = z.infer<typeof SweepPoints>;
