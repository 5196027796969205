/** The answer of a sweep: what is better, by how much, whether it is more than noise, and what it cost. No transforms: also OpenAPI. */
import { z } from 'zod';
import { SearchMethod } from './decisions.ts';
import { probability, seconds, whole } from './numbers.ts';
import { Cause, RunState } from './states.ts';
import { Counts } from './views.ts';

export const AnswerMetric = z.enum(['accuracy', 'loss']);
export type AnswerMetric = z.infer<typeof AnswerMetric>;

/** The images that a figure is measured on. */
export const AnswerSplit = z.enum(['test', 'validation', 'train']);
export type AnswerSplit = z.infer<typeof AnswerSplit>;

/** Differences of accuracy within ± half a point count as the same, unless a spec says otherwise. */
export const DEFAULT_MARGIN = 0.005;

/** How the configs of a sweep are compared. */
export const Compare = z.strictObject({
  metric: AnswerMetric.default('accuracy').describe('What configs are compared by'),
  margin: z
    .number()
    .gt(0)
    .max(1000)
    .optional()
    .describe(
      `Differences within ± margin count as the same, in the unit of the metric: 0.005 of accuracy is half a point. Default: ${DEFAULT_MARGIN} of accuracy, none of loss`,
    ),
});
export type Compare = z.infer<typeof Compare>;

export const Verdict = z
  .enum(['baseline', 'better', 'worse', 'equivalent', 'noise', 'no-noise-estimate', 'no-result'])
  .describe('docs/statistics.md has the rule');
export type Verdict = z.infer<typeof Verdict>;

const Axes = z.record(z.string(), z.unknown());

export const IntervalView = z.strictObject({
  low: z.number().describe('Lower end of the 95 % interval'),
  high: z.number().describe('Upper end of the 95 % interval'),
  p: probability.describe('Two-sided p, not corrected'),
  adjusted: probability.nullable().describe('p corrected by Holm; null where this test is not corrected'),
});
export type IntervalView = z.infer<typeof IntervalView>;

export const ComparisonView = z.strictObject({
  verdict: Verdict,
  pairs: z
    .strictObject({ used: whole, of: whole })
    .describe('Seeds with a result of both configs, of the seeds planned'),
  difference: z
    .number()
    .nullable()
    .describe(
      'From the baseline: the estimate of the pooled test, which without missing seeds is the mean over the common seeds; else that mean. A negative difference of loss is better',
    ),
  paired: IntervalView.nullable().describe('By the spread of this config’s own differences'),
  pooled: IntervalView.nullable().describe('By the variance pooled over the sweep'),
  equivalence: probability.nullable().describe('p of two one-sided tests that the difference is within the margin'),
  detectable: z.number().nullable().describe('Smallest true difference that these seeds show with 80 % power'),
  seedsNeeded: z
    .strictObject({ observed: whole.nullable(), margin: whole.nullable() })
    .nullable()
    .describe(
      'Seeds in total that would show the difference observed, and one of the size of the margin; null above 1,000',
    ),
  standsOut: z.boolean().describe('Its spread is so large that it is left out of the pooled variance'),
  implausible: probability
    .nullable()
    .describe(
      'Probability of so small a spread of the differences, where the discordant test images make it implausible',
    ),
});
export type ComparisonView = z.infer<typeof ComparisonView>;

export const AnswerRow = z.strictObject({
  configId: z.uuid(),
  position: whole.describe('Index of the config in the sweep, from 0'),
  hash: z.string(),
  name: z.string().describe('Its values on the axes, in words'),
  axes: Axes.describe('Its values on the axes that vary in the sweep'),
  fork: z
    .strictObject({ position: whole, epochs: whole })
    .nullable()
    .describe('The config after whose epochs this one takes over, in population-based training'),
  baseline: z.boolean(),
  n: whole.describe('Seeds with a result'),
  mean: z.number().nullable(),
  sd: z.number().nullable().describe('Sample standard deviation over seeds; null for fewer than two'),
  values: z.array(z.strictObject({ seed: whole, value: z.number() })),
  macs: z.number().nullable().describe('Multiply-accumulates of one forward pass of one image'),
  parameters: z.number().nullable(),
  deviceSeconds: seconds.nullable().describe('Mean device seconds of a run that succeeded'),
  unfinished: whole,
  failed: whole.describe('Runs that failed or were cancelled'),
  pruned: whole.describe('Runs that the search dropped'),
  comparison: ComparisonView.nullable().describe('With the baseline; null for the baseline itself'),
});
export type AnswerRow = z.infer<typeof AnswerRow>;

/** One value of an axis, averaged over everything else in a balanced grid. */
export const LevelView = z.strictObject({
  value: z.unknown(),
  text: z.string(),
  mean: z.number(),
  verdict: Verdict.describe('`baseline` marks the reference value'),
  difference: z.number().nullable().describe('From the reference value; null for that value'),
  paired: IntervalView.nullable().describe('Paired by every other axis and the seed'),
  pooled: IntervalView.nullable().describe('By the residual of the analysis of variance'),
});
export type LevelView = z.infer<typeof LevelView>;

export const EffectView = z.strictObject({
  axis: z.string(),
  name: z.string(),
  levels: z.array(LevelView),
  f: z.number().nullable(),
  p: probability.nullable().describe('F test of all values of the axis together'),
  dependsOn: z.array(z.string()).describe('Names of axes whose interaction with this one is beyond noise'),
});
export type EffectView = z.infer<typeof EffectView>;

export const InteractionView = z.strictObject({
  axes: z.array(z.string()).length(2),
  f: z.number().nullable(),
  p: probability.nullable(),
  adjusted: probability
    .nullable()
    .describe('p corrected by Holm over all tests of the grid; beyond noise below .025 over the grids of the sweep'),
  beyondNoise: z.boolean(),
  cells: z
    .array(z.strictObject({ levels: z.array(z.string()).length(2), mean: z.number(), excess: z.number() }))
    .nullable()
    .describe('`excess`: mean minus what the two main effects add up to. Null for more than 1,000 cells'),
});
export type InteractionView = z.infer<typeof InteractionView>;

export const GridView = z.strictObject({
  axes: z.array(z.string()),
  configs: whole.describe('Configs in the balanced part'),
  of: whole.describe('Configs that have these axes'),
  seeds: z.array(whole),
  effects: z.array(EffectView),
  interactions: z.array(InteractionView),
});
export type GridView = z.infer<typeof GridView>;

export const ImportanceView = z.strictObject({
  method: z.literal('PED-ANOVA'),
  exploration: z.literal(true).describe('Not a test: the configs are chosen by their own results'),
  configs: whole,
  top: whole.describe('Configs that count as the best'),
  axes: z.array(z.strictObject({ axis: z.string(), name: z.string(), share: probability })),
});
export type ImportanceView = z.infer<typeof ImportanceView>;

export const CostKind = z.enum(['macs', 'parameters', 'deviceSeconds']);
export type CostKind = z.infer<typeof CostKind>;

export const ParetoView = z.strictObject({
  cost: CostKind,
  points: z.array(
    z.strictObject({
      configId: z.uuid(),
      cost: z.number(),
      value: z.number(),
      status: z
        .enum(['front', 'dominated', 'dominated-beyond-noise'])
        .describe('dominated: another config costs no more and its mean is no worse'),
      by: z.uuid().nullable().describe('The best config that costs no more'),
    }),
  ),
});
export type ParetoView = z.infer<typeof ParetoView>;

export const Answer = z.strictObject({
  sweep: z.strictObject({ id: z.uuid(), name: z.string() }),
  status: z.enum(['provisional', 'final']).describe('provisional: some runs are queued or running'),
  headline: z.array(z.string()).describe('The answer in sentences'),
  verdict: z.string().nullable().describe('The result in one line; null without a result'),
  runs: z.strictObject({ total: whole, ...Counts.shape }),
  metric: AnswerMetric,
  split: AnswerSplit,
  better: z.enum(['higher', 'lower']),
  margin: z.number().nullable(),
  search: SearchMethod,
  baseline: z.strictObject({ configId: z.uuid(), position: whole, name: z.string() }).nullable(),
  axes: z.array(z.strictObject({ path: z.string(), name: z.string() })).describe('The axes that vary'),
  configs: whole,
  order: z.enum(['position', 'best first']),
  omitted: whole.describe('Configs without a row: raise `limit`, or query the view `ablation` in SQL'),
  rows: z.array(AnswerRow),
  best: z
    .strictObject({
      configId: z.uuid(),
      beyondNoise: z.boolean().describe('Every other config with a result is worse by more than noise'),
      ties: z.array(z.uuid()).describe('Configs that cannot be told from the best; at most 100'),
    })
    .nullable()
    .describe('The config with the best mean'),
  noise: z
    .strictObject({ sd: z.number(), freedom: z.number() })
    .nullable()
    .describe('Standard deviation of one result around config + seed'),
  luck: z
    .strictObject({ configs: whole, lead: z.number() })
    .nullable()
    .describe('By how much the best of as many equal configs would lead their mean'),
  grids: z.array(GridView),
  importance: ImportanceView.nullable(),
  pareto: z.array(ParetoView),
  cost: z.strictObject({
    usefulSeconds: seconds,
    lostSeconds: seconds,
    prunedSeconds: seconds.describe('Those of usefulSeconds that were of runs which the search dropped'),
    reusedRuns: whole.describe('Runs that were not trained, since equal ones had been'),
    reusedSeconds: seconds.describe('What those took then; no part of usefulSeconds'),
    medianSeconds: seconds.nullable().describe('Of the device seconds of a run that succeeded'),
  }),
  undecided: z
    .strictObject({
      comparisons: whole.describe('Comparisons that cannot be told from noise'),
      seeds: whole.describe('Seeds at hand'),
      options: z
        .array(
          z.strictObject({
            difference: z.number(),
            seeds: whole.describe('Seeds in total'),
            runs: whole.describe('Runs more than now, with the same seeds for every config'),
            deviceSeconds: seconds.nullable(),
          }),
        )
        .describe('Numbers of seeds that would show a difference with 80 % power'),
    })
    .nullable(),
  failures: z.array(
    z.strictObject({ state: RunState, cause: Cause.nullable(), runs: whole, message: z.string().nullable() }),
  ),
  covers: z.string().describe('What the intervals cover'),
  notes: z.array(z.string()).describe('Notes of the runs, each once'),
});
export type Answer = z.infer<typeof Answer>;

/** The figures that can be compared, by the name under which the database keeps them. */
const FIGURES: Readonly<Record<AnswerSplit, Partial<Record<AnswerMetric, string>>>> = {
  test: { accuracy: 'test_accuracy', loss: 'test_loss' },
  validation: { accuracy: 'val_accuracy', loss: 'val_loss' },
  train: { accuracy: 'train_accuracy' },
};

/** The name of a figure in the database; undefined if it is not stored. */
export const figureName = (metric: AnswerMetric, split: AnswerSplit): string | undefined => FIGURES[split][metric];

/** Several configs side by side; the first is the baseline. */
export const ConfigComparison = z.strictObject({
  metric: AnswerMetric,
  split: AnswerSplit,
  better: z.enum(['higher', 'lower']),
  margin: z.number().nullable(),
  basis: z
    .enum(['sweep', 'configs'])
    .describe('Whose variance is pooled: that of the whole sweep, or, for configs of several sweeps, of these configs'),
  rows: z.array(AnswerRow.extend({ sweep: z.strictObject({ id: z.uuid(), name: z.string() }) })),
  headline: z.array(z.string()),
  warnings: z.array(z.string()).describe('Differences that make the figures hard to compare: data, budget, code'),
  differences: z
    .array(
      z.strictObject({
        part: z.enum(['config', 'data', 'code', 'environment']),
        path: z.string(),
        values: z
          .array(z.array(z.unknown()))
          .describe(
            'For each config its distinct values over its runs; an empty list: absent, which equals nothing else',
          ),
      }),
    )
    .describe('What differs, compared exactly'),
  mcnemar: z
    .array(
      z.strictObject({
        configId: z.uuid(),
        seed: whole,
        images: whole,
        onlyThis: whole.describe('Images that only this config classifies correctly'),
        onlyBaseline: whole,
        p: probability.describe('Exact McNemar test that both are right equally often'),
      }),
    )
    .describe('Of runs with stored predictions of the same images, one pair a seed'),
});
export type ConfigComparison = z.infer<typeof ConfigComparison>;
