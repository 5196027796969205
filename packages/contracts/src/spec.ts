/** The spec of a sweep, version 1: what a user submits. Parsed once, at the door. */
import { z } from 'zod';
import { Augment } from './augment.ts';
import { DatasetChoice } from './dataset.ts';
import { Family } from './model.ts';
import { Preset } from './presets.ts';
import { DeviceHours, OwnerName, Priority, RunLimit } from './share.ts';

const scalar = z.union([z.string().max(200), z.number(), z.boolean(), z.null()], {
  error: 'must be a single value: text, a number, true, false or null',
});

/** Values of one axis: a list to choose from, or, for random search, a range of numbers. */
export const Range = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    scale: z.enum(['linear', 'log']).default('linear'),
    integer: z.boolean().default(false),
  })
  .refine((r) => r.min < r.max, { path: ['max'], error: 'must be greater than min' })
  .refine((r) => r.scale === 'linear' || r.min > 0, { path: ['min'], error: 'must be greater than 0 on a log scale' });
export type Range = z.infer<typeof Range>;

export const AxisPath = z
  .string()
  .regex(
    /^(dataset|model|train|augment)(\.[a-zA-Z][a-zA-Z0-9]*)*$/,
    'an axis is a path into dataset, model, train or augment, such as "model.patchSize"',
  );
export type AxisPath = z.infer<typeof AxisPath>;
/** Levels of lists and objects that one value of an axis may have: a whole model has three. */
const MAX_LEVELS = 8;

const isShallow = (value: unknown, levels = MAX_LEVELS): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1)));

const AxisValue = z
  .unknown()
  .refine((value) => isShallow(value), `must not be nested deeper than ${MAX_LEVELS} levels`);

export const Axis = z.union([z.array(AxisValue).min(1, 'an axis needs at least one value').max(1000), Range], {
  error: 'must be a list of values, or a range { min, max } for random search',
});
export type Axis = z.infer<typeof Axis>;

/** Axes whose product is searched. A list of them is the union of their products. */
export const Subspace = z.record(AxisPath, Axis);
export type Subspace = z.infer<typeof Subspace>;
export const Space = z.union([Subspace, z.array(Subspace).min(1).max(50)], {
  error: 'must be an object of axes, or a list of such objects',
});
export type Space = z.infer<typeof Space>;

export const Search = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('grid') }),
  z.strictObject({
    method: z.literal('random'),
    samples: z.int().min(1).max(10_000).describe('Configs drawn'),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(0),
  }),
]);
export type Search = z.infer<typeof Search>;

/** Largest number of configs that one sweep may hold: they are expanded and checked in memory. */
export const MAX_CONFIGS = 10_000;

/** Largest number of runs that one sweep may hold. */
export const MAX_RUNS = 100_000;

export const Spec = z.strictObject({
  version: z.literal(1),
  name: z.string().trim().min(1).max(200),
  dataset: DatasetChoice.prefault({}),
  model: z
    .looseObject({ family: Family.optional(), preset: Preset.optional() })
    .describe('A family or a preset, and what differs from its defaults')
    .default({ family: 'vit' }),
  // As written, like the model: its defaults depend on what an axis sets, such as the optimiser's name.
  train: z.looseObject({}).describe('What differs from the defaults of training').default({}),
  augment: Augment.default('none'),
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .min(1, 'name at least one seed')
    .max(100)
    .refine((s) => new Set(s).size === s.length, 'each seed may be named once')
    .default([1, 2, 3]),
  search: Search.default({ method: 'grid' }),
  space: Space.default({}),
  baseline: z.record(AxisPath, scalar).optional().describe('The point that the others are compared with'),
  owner: OwnerName.default('default').describe('On whose behalf it runs: owners share the machines by their weights'),
  priority: Priority.default(0),
  limits: z.strictObject({ running: RunLimit.optional() }).default({}),
  budget: z.strictObject({ deviceHours: DeviceHours.optional() }).default({}),
});
export type Spec = z.infer<typeof Spec>;
