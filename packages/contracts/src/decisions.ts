/** Searches that decide while they run, and the rows of their decision log. */
import { z } from 'zod';
import { whole } from './numbers.ts';

const real = z.number();
const seeds = z.array(whole);
const alpha = z
  .number()
  .gt(0)
  .max(0.5)
  .default(0.05)
  .describe('Chance that a config as good as the best is ever dropped, over the whole sweep');

const cost = z
  .enum(['macs', 'parameters'])
  .optional()
  .describe(
    'What a model costs, known before it is trained; less is better. The Pareto front of the metric against it goes on, is confirmed and reported',
  );

export const SamplerName = z.enum(['auto', 'random', 'halton', 'sobol', 'tpe', 'bohb', 'gp']);
export type SamplerName = z.infer<typeof SamplerName>;

/** A race of every config of the grid over seeds. */
export const CompareSearch = z.strictObject({
  method: z
    .literal('compare')
    .describe(
      'Every combination of the values of the axes, seed by seed; a config that is clearly behind gets no more seeds',
    ),
  maxSeeds: z
    .int()
    .min(2)
    .max(100)
    .default(5)
    .describe(
      'Seeds that configs get which the seeds of the spec do not tell apart; these continue with the next whole numbers',
    ),
  alpha,
});
export type CompareSearch = z.infer<typeof CompareSearch>;

/** A search of a large space that trains most configs a little and few fully. */
export const FindSearch = z.strictObject({
  method: z
    .literal('find')
    .describe(
      'Configs that a sampler chooses; the best third of each rung is trained longer, then with more seeds, and the winner is confirmed on fresh seeds',
    ),
  samples: z.int().min(2).max(10_000).describe('Number of distinct configs to try'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0)
    .describe('Seed of the search'),
  sampler: SamplerName.default('auto').describe(
    'What chooses configs; auto: by the space and the number of samples; bohb: tpe of the highest rung with enough results',
  ),
  eta: z.int().min(2).max(10).default(3).describe('One in eta configs of a rung is promoted'),
  parallel: z
    .int()
    .min(1)
    .max(1000)
    .default(8)
    .describe(
      'Runs that are asked for ahead of their results; the decisions depend on it, not on the number of workers',
    ),
  confirm: z
    .int()
    .min(3)
    .max(100)
    .default(3)
    .describe(
      'Fresh seeds on which the two best configs and the baseline are trained; with a cost up to five of the front',
    ),
  alpha,
  cost,
});
export type FindSearch = z.infer<typeof FindSearch>;

const { samples, seed, sampler, eta, parallel, confirm } = FindSearch.shape;

/** A search that trains every config fully, on the seeds of the spec. */
export const SamplerSearch = z.strictObject({
  method: z
    .enum(['tpe', 'gp', 'auto', 'halton', 'sobol'])
    .describe(
      'Configs that a sampler chooses while the search runs, each trained fully: a tree-structured Parzen estimator or a Gaussian process of earlier results, what suits the space, or points that fill it evenly; the winner is confirmed on fresh seeds',
    ),
  ...{ samples, seed, parallel, confirm, alpha, cost },
});
export type SamplerSearch = z.infer<typeof SamplerSearch>;

/** A search by brackets of successive halving. */
export const HyperbandSearch = z.strictObject({
  method: z
    .literal('hyperband')
    .describe(
      'Brackets of configs, from many that train a little to few that train fully, again and again; the best of each rung of a bracket go on, in the end on all seeds, and the winner is confirmed on fresh seeds',
    ),
  ...{ samples, seed },
  sampler: SamplerName.default('random').describe('What chooses configs, as in find'),
  ...{ eta, parallel, confirm, alpha, cost },
});
export type HyperbandSearch = z.infer<typeof HyperbandSearch>;

/** Brackets with a model. */
export const BohbSearch = z.strictObject({
  method: z
    .literal('bohb')
    .describe(
      'Brackets as in hyperband; configs are chosen by tpe from the results of the highest rung that has enough, a third of them at random',
    ),
  ...{ samples, seed, eta, parallel, confirm, alpha, cost },
});
export type BohbSearch = z.infer<typeof BohbSearch>;

/** A search that stops what is below the median. */
export const MedianSearch = z.strictObject({
  method: z
    .literal('median')
    .describe(
      'Configs that a sampler chooses; after each part of the training one stops whose best result is below the median of the others’ results there. Whole trainings get the other seeds, and the winner is confirmed on fresh seeds',
    ),
  ...{ samples, seed, sampler },
  parts: z.int().min(2).max(100).default(9).describe('Equal parts of the training'),
  grace: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe('Epochs after which no config stops yet; nor does one before the end of its warm-up'),
  ...{ parallel, confirm, alpha, cost },
});
export type MedianSearch = z.infer<typeof MedianSearch>;

/** A search that changes hyperparameters while a population trains. */
export const PbtSearch = z.strictObject({
  method: z
    .literal('pbt')
    .describe(
      'Population-based training: after each part of the training the worst members go on from the checkpoint of one of the best, with other hyperparameters; the schedule that the winner followed is repeated on fresh seeds',
    ),
  population: z.int().min(2).max(100).default(8).describe('Configs that train side by side, on the first seed'),
  parts: z.int().min(2).max(100).default(4).describe('Equal parts of the training'),
  quantile: z.number().gt(0).max(0.5).default(0.25).describe('Share of the members that is worst, and that is best'),
  resample: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Probability that a hyperparameter is drawn anew instead of changed by a fifth'),
  sampler: SamplerName.extract(['random', 'halton', 'sobol'])
    .default('halton')
    .describe('What chooses the first population'),
  ...{
    seed,
    confirm: confirm.describe('Fresh seeds on which the schedule of the winner and the baseline are trained'),
  },
  alpha,
});
export type PbtSearch = z.infer<typeof PbtSearch>;

/** Configs that a caller asks for, one by one: the sampler suggests them, or the caller gives them. */
export const AskSearch = z.strictObject({
  method: z
    .literal('ask')
    .describe(
      'Configs that a caller asks for, suggested by the sampler or given by the caller, until the caller ends the sweep; see `ablate ask`',
    ),
  samples: z.int().min(1).max(2000).default(1000).describe('Maximum number of configs'),
  ...{ seed, sampler: FindSearch.shape.sampler },
});
export type AskSearch = z.infer<typeof AskSearch>;

/** Every method of search. */
export const SearchMethod = z.enum([
  ...(['grid', 'random', 'compare', 'find', 'hyperband', 'bohb', 'median', 'pbt', 'ask'] as const),
  ...SamplerSearch.shape.method.options,
]);
export type SearchMethod = z.infer<typeof SearchMethod>;

/** What ends a search before it has decided; `caller`: who drives it has ended it. */
export const Limit = z.enum(['runs', 'epochs', 'samplesSeen', 'deviceHours', 'wallClock', 'caller']);
export type Limit = z.infer<typeof Limit>;

const AtEpoch = z.strictObject({ config: whole, epochs: whole });

const Raw = z.array(z.union([real, z.array(whole)]));
const SearchVerdict = z.enum(['baseline', 'better', 'worse', 'same', 'undecided', 'failed']);

/** Configs are numbered in the order in which the search names them, runs in the order in which it asks for them. */
export const Decision = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sampler').describe('A sampler was chosen'),
    sampler: SamplerName.exclude(['auto']),
    why: z.string(),
  }),
  z.strictObject({
    kind: z.literal('config').describe('A config joined the search'),
    config: whole,
    axes: z.record(z.string(), z.unknown()),
    hash: z.string(),
    raw: Raw.nullable().describe('A coordinate for each dimension of the space; null for a baseline outside of it'),
    by: z
      .enum(['baseline', ...SamplerName.exclude(['auto']).options, 'listed', 'caller', 'pbt'])
      .describe('What chose it'),
    fork: AtEpoch.optional().describe(
      'Its runs are trained with that config for so many epochs, then with this one; the hash names all of it',
    ),
    kernel: z
      .strictObject({ weights: z.array(real), scale: real, noise: real })
      .optional()
      .describe('Of the Gaussian process, from which the next fit starts'),
  }),
  z.strictObject({
    kind: z.literal('train').describe('A run starts, or goes on'),
    run: whole,
    config: whole,
    seed: whole,
    rung: whole.nullable().describe('null for a run that confirms'),
    epochs: z.int().min(1).nullable().describe('Where it stops and waits; null for the end'),
    fork: z
      .strictObject({ run: whole, epochs: whole })
      .optional()
      .describe('It starts from the checkpoint of that run after so many epochs'),
  }),
  z.strictObject({
    kind: z.literal('stop').describe('A config gets no more seeds'),
    config: whole,
    why: z.enum(['behind', 'same', 'failed', 'median']),
    seeds: whole,
    against: whole.nullable(),
    difference: real.nullable(),
    evidence: real.nullable().describe('e-value that the two differ'),
    needed: real.nullable().describe('e-value that decides'),
  }),
  z.strictObject({
    kind: z.literal('ranks').describe('Two rungs were compared'),
    rung: whole,
    configs: whole.describe('That have reached both'),
    tau: real.nullable().describe('Kendall’s tau of their two rankings'),
    pairs: whole.describe('That differ by more than noise at the higher rung'),
    share: real
      .nullable()
      .optional()
      .describe('Of the lower rung, that goes on from now on; null where the two say too little of each other'),
    skipped: z.boolean().describe('All configs of the lower rung go on'),
  }),
  z.strictObject({
    kind: z.literal('enough').describe('No config joins and none goes on: what runs is waited for'),
    why: z.enum(['exhausted', ...Limit.options]),
  }),
  z.strictObject({
    kind: z.literal('confirm').describe('The best configs are trained on fresh seeds'),
    configs: z.array(whole).describe('The winner of the search, the runner-up, and the baseline'),
    kept: z.literal('front').optional().describe('They are the Pareto front of the metric against the cost'),
    seeds,
  }),
  z.strictObject({
    kind: z.literal('finish').describe('The search has ended'),
    why: z.enum(['decided', 'seeds', 'confirmed', 'nothing', ...Limit.options]),
    exhausted: z.boolean().describe('Whether every config of the space was tried'),
    front: z
      .array(whole)
      .optional()
      .describe('Reported configs that no other beats in both metric and cost, by rising cost'),
    winner: whole.nullable(),
    expected: real
      .nullable()
      .optional()
      .describe(
        'Of the winner: mean over the fresh seeds of what wins by all other seeds, so that choosing it flatters nothing',
      ),
    schedule: z
      .array(AtEpoch)
      .optional()
      .describe('Of a winner whose hyperparameters changed: each config, and the epochs after which it took over'),
    rows: z
      .array(
        z.strictObject({
          config: whole,
          seeds: whole,
          mean: real.nullable(),
          verdict: SearchVerdict.describe('Against the baseline; against the runner-up without one'),
          difference: real.nullable(),
          half: real.nullable().describe('Half the width of the interval of the difference'),
        }),
      )
      .describe('The configs that are reported'),
  }),
]);
export type Decision = z.infer<typeof Decision>;

/** One entry of a search's history, in the order in which it was committed. */
export const HistoryEntry = z.union([
  z.strictObject({ decision: Decision }),
  z.strictObject({
    result: z.strictObject({
      run: whole,
      value: real.nullable().describe('On validation; null if the run failed or diverged'),
    }),
  }),
  z.strictObject({ limit: Limit }),
  z.strictObject({
    ask: z
      .strictObject({
        point: z
          .strictObject({ axes: z.record(z.string(), z.unknown()), hash: z.string(), raw: Raw })
          .nullable()
          .describe('The config that the caller gives; null: the sampler suggests one'),
        train: z.boolean().describe('Whether workers train it; else the caller measures it'),
      })
      .describe('A caller asked for a config'),
  }),
  z.strictObject({
    tell: z
      .strictObject({ config: whole, value: real.nullable().describe('null if it failed') })
      .describe('What a caller measured'),
  }),
]);
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** One row of a search's log, as the API shows it. */
export const DecisionView = z.strictObject({
  number: whole.describe('Place in the log, from 0'),
  at: z.iso.datetime(),
  kind: z.string().describe('Kind of the decision, or result, limit, ask or tell'),
  inputs: z
    .string()
    .nullable()
    .describe('SHA-256 of everything that the decision depends on; null for what is no decision'),
  text: z.string().describe('The row as a sentence'),
  entry: HistoryEntry,
});
export type DecisionView = z.infer<typeof DecisionView>;

/** The kind of an entry, as SQL and the API name it. */
export function entryKind(entry: HistoryEntry): string {
  if ('decision' in entry) return entry.decision.kind;
  const [kind = ''] = Object.keys(entry);
  return kind;
}
