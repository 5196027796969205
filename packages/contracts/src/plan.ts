/** What a sweep would cost and could show, before it is submitted. */
import { z } from 'zod';
import { whole } from './numbers.ts';

const Span = z.strictObject({ least: z.number(), most: z.number() });

export const SweepPlan = z.strictObject({
  configs: whole,
  seeds: whole,
  runs: whole,
  macs: Span.describe('Multiply-accumulates of one forward pass of one image'),
  parameters: Span.describe('Trained values'),
  device: z
    .strictObject({
      seconds: z.number().describe('Device seconds of all runs'),
      low: z.number(),
      high: z.number().describe('Four of five like runs lie between low and high'),
      runs: whole.describe('Earlier runs that it is estimated from'),
    })
    .nullable()
    .describe('null: no like run has finished, or the number of images is unknown'),
  detectable: z
    .strictObject({
      difference: z.number().describe('From the baseline, in the unit of the metric; found in four of five cases'),
      sd: z.number().describe('Noise of one result that it follows from'),
      source: z.enum(['runs', 'runs of other lengths', 'assumption']),
      runs: whole.describe('Earlier runs on the data set whose spread is the noise'),
    })
    .nullable()
    .describe(
      'Smallest true difference that these seeds show; null with one seed, and where nothing is known of the noise',
    ),
  lines: z.array(z.string()).describe('The plan in sentences'),
});
export type SweepPlan = z.infer<typeof SweepPlan>;

/** The configs and runs that a spec would submit. */
export const Plan = z.strictObject({
  configs: whole,
  runs: whole.describe('Of a search that decides: about so many'),
  space: z
    .strictObject({
      seen: whole.describe('Points of the space that were looked at'),
      valid: whole.describe('Those that no constraint and no rule rejects'),
      unique: whole.describe('Their distinct configs'),
      rejected: z
        .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
        .describe('Why the others are left out'),
    })
    .optional(),
  answered: whole
    .optional()
    .describe('Runs that are reused: equal ones succeeded before, with the same config, seed, data and code'),
  points: z
    .array(
      z.strictObject({
        axes: z.record(z.string(), z.unknown()),
        hash: z.string(),
        macs: z.number(),
        parameters: z.number(),
        config: z.unknown(),
      }),
    )
    .describe('The first 20 configs'),
  plan: SweepPlan,
});
export type Plan = z.infer<typeof Plan>;
