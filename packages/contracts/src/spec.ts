/** The spec of a sweep, version 1: what a user submits. Parsed once, when it arrives. */
import { z } from 'zod';
import { Compare } from './answers.ts';
import { Augment } from './augment.ts';
import { DatasetChoice } from './dataset.ts';
import {
  AskSearch,
  BohbSearch,
  CompareSearch,
  FindSearch,
  HyperbandSearch,
  MedianSearch,
  PbtSearch,
  SamplerSearch,
} from './decisions.ts';
import { Family } from './model.ts';
import { Preset } from './presets.ts';
import { Budget, OwnerName, Priority, RunLimit } from './share.ts';
import { storable, text } from './text.ts';

const scalar = z.union([text(200), z.number(), z.boolean(), z.null()], {
  error: 'must be a string, a number, true, false or null',
});

/** A CEL expression: https://cel.dev. `packages/search` limits what it may do. */
const Expression = text(500).min(1, 'must not be empty');
const when = Expression.optional().describe(
  'Condition on other axes; where it is false, the point has no value on this axis',
);

/** A range of numbers, for a search that draws. */
export const Range = z
  .strictObject({
    min: z.number().describe('Lower end; greater than 0 on a log scale'),
    max: z.number().describe('Upper end; greater than min'),
    scale: z.enum(['linear', 'log']).default('linear').describe('log: equal ratios are equally likely'),
    integer: z.boolean().default(false).describe('Draw whole numbers only'),
    step: z
      .number()
      .positive()
      .optional()
      .describe('Draw min, min + step, min + 2 × step … only; needs a linear scale. A grid takes all of these'),
    when,
  })
  .refine((r) => r.min < r.max, { path: ['max'], error: 'must be greater than min' })
  .refine((r) => r.scale === 'linear' || r.min > 0, { path: ['min'], error: 'must be greater than 0 on a log scale' })
  .refine((r) => r.scale === 'linear' || r.step === undefined, { path: ['step'], error: 'needs a linear scale' })
  .refine((r) => r.step === undefined || r.step <= r.max - r.min, {
    path: ['step'],
    error: 'must be at most max - min',
  })
  .refine((r) => r.step === undefined || !r.integer || Number.isInteger(r.step), {
    path: ['step'],
    error: 'must be a whole number, since integer is true',
  });
export type Range = z.infer<typeof Range>;

export const AxisPath = z
  .string()
  .max(200)
  .regex(
    /^(dataset|model|train|augment)(\.[a-zA-Z][a-zA-Z0-9]*)*$/,
    'must be a path into dataset, model, train or augment, such as "model.patchSize"',
  );
/** Maximum nesting of a part of a spec, and of a value of an axis: a whole model has three levels. */
const MAX_LEVELS = 8;
/** Maximum number of axes of a subspace. */
const MAX_AXES = 64;

/** Maximum number of fields of an object in a spec: a point copies what an axis changes. */
const MAX_FIELDS = 200;

const isPlain = (value: unknown, levels = MAX_LEVELS): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  const inner = Object.values(value);
  if (levels === 0 || (!Array.isArray(value) && inner.length > MAX_FIELDS)) return false;
  return inner.every((each) => isPlain(each, levels - 1));
};

const NOT_PLAIN = `must not be nested deeper than ${MAX_LEVELS} levels or have an object of more than ${MAX_FIELDS} fields`;
const AxisValue = z.unknown().refine((value) => isPlain(value), NOT_PLAIN);

const AxisValues = z.array(AxisValue).min(1, 'an axis needs at least one value').max(1000);

/** A list of values with a condition. */
export const ConditionalValues = z.strictObject({ values: AxisValues.describe('Values, as in a list'), when });

/** Maximum number of items of a permutation: 12! orders are numbered exactly. */
const MAX_ITEMS = 12;

/** Every order of some items. */
export const Permutation = z.strictObject({
  permutation: z
    .array(AxisValue)
    .min(2, 'needs at least two items')
    .max(MAX_ITEMS)
    .refine((items) => new Set(items.map((item) => JSON.stringify(item))).size === items.length, 'has an item twice')
    .describe('Items; a value of the axis is a list of them in some order'),
  when,
});

/** A value that follows from those of other axes. */
export const Link = z.strictObject({
  '=': Expression.describe('Expression over other axes and what the spec writes, such as "64 * model.heads"'),
  when,
});

/** Whether a subspace has few enough axes. */
export const fewAxes = (axes: object): boolean => Object.keys(axes).length <= MAX_AXES;
export const TOO_MANY_AXES = `must not have more than ${MAX_AXES} axes`;

export const Axis = z.union([AxisValues, Range, ConditionalValues, Permutation, Link], {
  error: 'must be a list of values, a range { min, max }, { values, when }, { permutation } or a link { "=": … }',
});
export type Axis = z.infer<typeof Axis>;

/** Axes whose product is searched. A list of subspaces is the union of their products. */
const Subspace = z.record(AxisPath, Axis).refine(fewAxes, TOO_MANY_AXES);
export const Space = z.union([Subspace, z.array(Subspace).min(1).max(50)], {
  error: 'must be an object of axes, or a list of such objects',
});
export type Space = z.infer<typeof Space>;

export const Search = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('grid').describe('Every combination of the values of the axes') }),
  z.strictObject({
    method: z.literal('random').describe('Configs drawn at random, from lists and ranges'),
    samples: z.int().min(1).max(10_000).describe('Number of distinct configs to draw'),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(0)
      .describe('Seed of the draws'),
  }),
  CompareSearch,
  FindSearch,
  SamplerSearch,
  HyperbandSearch,
  BohbSearch,
  MedianSearch,
  PbtSearch,
  AskSearch,
]);
export type Search = z.infer<typeof Search>;

/** Whether a search decides while it runs: its runs are asked for as results come in. */
export const isDeciding = ({ method }: Search): boolean => method !== 'grid' && method !== 'random';

/** Whether a search draws configs from the space; the others take all of it. */
export const isDrawn = ({ method }: Search): boolean => method !== 'grid' && method !== 'compare';

/** Number of configs that a search draws; null for one that takes the whole space. */
export function drawnBy(search: Search): number | null {
  if (search.method === 'pbt') return search.population;
  return 'samples' in search ? search.samples : null;
}

/** Whether the configs of a sweep are known when it is submitted. */
export const namesConfigsFirst = (search: Search): boolean => !isDeciding(search) || search.method === 'compare';

/** Maximum number of configs of a sweep: they are expanded and checked in memory. */
export const MAX_CONFIGS = 10_000;

/** Maximum number of runs of a sweep. */
export const MAX_RUNS = 100_000;

export const Spec = z.strictObject({
  version: z.literal(1).describe('Version of the spec'),
  name: storable(z.string().trim().min(1).max(200))
    .refine((name) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name), 'must have a visible character')
    .describe('Name of the sweep'),
  dataset: DatasetChoice.prefault({}).describe('Data set, and the part of it that is used'),
  model: z
    .looseObject({ family: Family.optional(), preset: Preset.optional() })
    .refine((value) => isPlain(value), NOT_PLAIN)
    .describe('A family or a preset, and fields that differ from its defaults')
    .default({ family: 'vit' }),
  // Unparsed, like the model: defaults depend on values that an axis sets, such as the optimizer's name.
  train: z
    .looseObject({})
    .refine((value) => isPlain(value), NOT_PLAIN)
    .describe('Fields of training that differ from the defaults')
    .default({}),
  augment: Augment.default('none').describe('A named set, a timm string, or a list of operations'),
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .min(1, 'needs at least one seed')
    .max(100)
    .refine((s) => new Set(s).size === s.length, 'duplicate seed')
    .default([1, 2, 3])
    .describe('Each config is trained once for each seed'),
  search: Search.default({ method: 'grid' }).describe('How configs are chosen from the space'),
  space: Space.default({}).describe('Axes and their values, or a list of such objects'),
  constraints: z
    .array(Expression)
    .max(16)
    .optional()
    .describe('Conditions on whole configs, such as "model.width % model.heads == 0"; other points are left out'),
  compare: Compare.prefault({}).describe('How configs are compared with the baseline'),
  baseline: z
    .record(AxisPath, scalar)
    .refine(fewAxes, TOO_MANY_AXES)
    .optional()
    .describe('Values of axes: the config with which others are compared'),
  // Without a default, which would change the hash of the specs that leave it out.
  reuse: z
    .boolean()
    .optional()
    .describe(
      'Unless false, a run is not trained if an equal one succeeded before, with the same config, seed, code and data: its result is reused',
    ),
  owner: OwnerName.default('default').describe('Owner of the sweep; owners share the machines by weight'),
  priority: Priority.default(0),
  limits: z.strictObject({ running: RunLimit.optional() }).default({}).describe('Limits of the sweep'),
  budget: Budget.default({}).describe('Queued runs are cancelled when the budget is spent'),
});
export type Spec = z.infer<typeof Spec>;
