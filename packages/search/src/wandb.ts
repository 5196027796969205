/** Sweeps of Weights & Biases as specs: https://docs.wandb.ai/guides/sweeps/sweep-config-keys, as of 2026-11. */
import { type Axis, AxisPath, isRecord, type Range, type Search } from '@ablate/contracts';
import { z } from 'zod';

const ends = { min: z.number(), max: z.number() };
const q = z.number().positive().default(1);

/** Distributions that have a counterpart; a parameter without one is told by its fields. */
const Distribution = z.discriminatedUnion('distribution', [
  z.looseObject({ distribution: z.literal('constant'), value: z.unknown() }),
  z.looseObject({ distribution: z.literal('categorical'), values: z.array(z.unknown()).min(1) }),
  z.looseObject({ distribution: z.literal('int_uniform'), ...ends }),
  z.looseObject({ distribution: z.literal('uniform'), ...ends }),
  z.looseObject({ distribution: z.literal('q_uniform'), ...ends, q }),
  z.looseObject({ distribution: z.literal('log_uniform_values'), ...ends }),
  z.looseObject({ distribution: z.literal('log_uniform'), ...ends }),
]);
type Distribution = z.infer<typeof Distribution>;

const Sweep = z.looseObject({
  name: z.string().optional(),
  method: z.enum(['grid', 'random', 'bayes']),
  run_cap: z.int().min(1).optional(),
  metric: z.looseObject({ name: z.string(), goal: z.string().optional() }).optional(),
  early_terminate: z.looseObject({ type: z.literal('hyperband'), eta: z.int().min(2).max(10).default(3) }).optional(),
  parameters: z.record(z.string(), z.unknown()),
});

/** Names that scripts give to what a spec has. */
const NAMES: Readonly<Record<string, string>> = {
  augment: 'augment',
  batch_size: 'train.batchSize',
  depth: 'model.depth',
  dim: 'model.width',
  embed_dim: 'model.width',
  epochs: 'train.epochs',
  heads: 'model.heads',
  label_smoothing: 'train.labelSmoothing',
  learning_rate: 'train.optimizer.learningRate',
  lr: 'train.optimizer.learningRate',
  mlp_ratio: 'model.mlpRatio',
  momentum: 'train.optimizer.momentum',
  num_heads: 'model.heads',
  optimizer: 'train.optimizer.name',
  patch_size: 'model.patchSize',
  weight_decay: 'train.optimizer.weightDecay',
  width: 'model.width',
};

/** A sweep that cannot be taken over: which field, and what to change. */
export class WandbError extends Error {}
const refuse = (where: string, message: string): never => {
  throw new WandbError(`${where}: ${message}`);
};

/** The distribution that W&B takes where none is written. */
function impliedDistribution({ value, values, min, max }: Record<string, unknown>): string | undefined {
  if (value !== undefined) return 'constant';
  if (values !== undefined) return 'categorical';
  if (min === undefined || max === undefined) return undefined;
  return Number.isInteger(min) && Number.isInteger(max) ? 'int_uniform' : 'uniform';
}

const rangeOf = (range: Pick<Range, 'min' | 'max'> & Partial<Range>): Range => ({
  scale: 'linear',
  integer: false,
  ...range,
});

function axisOf(parameter: Exclude<Distribution, { distribution: 'constant' }>): Axis {
  switch (parameter.distribution) {
    case 'categorical':
      return parameter.values;
    case 'int_uniform':
      return rangeOf({ min: parameter.min, max: parameter.max, integer: true });
    case 'uniform':
      return rangeOf({ min: parameter.min, max: parameter.max });
    case 'q_uniform':
      return rangeOf({ min: parameter.min, max: parameter.max, step: parameter.q });
    case 'log_uniform_values':
      return rangeOf({ min: parameter.min, max: parameter.max, scale: 'log' });
    case 'log_uniform':
      return rangeOf({ min: Math.exp(parameter.min), max: Math.exp(parameter.max), scale: 'log' });
  }
}

/** Every parameter with its path: nested ones are joined by dots. */
function flattened(parameters: Record<string, unknown>, above: readonly string[] = []): [string, unknown][] {
  return Object.entries(parameters).flatMap(([name, parameter]): [string, unknown][] => {
    const path = [...above, name];
    return isRecord(parameter) && isRecord(parameter.parameters)
      ? flattened(parameter.parameters, path)
      : [[path.join('.'), parameter]];
  });
}

function parsed(name: string, parameter: unknown): Distribution {
  const where = `parameters.${name}`;
  if (!isRecord(parameter)) return refuse(where, 'must have value, values, or min and max');
  const distribution = parameter.distribution ?? impliedDistribution(parameter);
  if (distribution === undefined) return refuse(where, 'must have value, values, or min and max');
  const read = Distribution.safeParse({ ...parameter, distribution });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return issue?.path[0] === 'distribution'
    ? refuse(
        where,
        `distribution ${JSON.stringify(distribution)} has no counterpart: write values, or a uniform, q_uniform or log_uniform_values range`,
      )
    : refuse(`${where}.${issue?.path.join('.')}`, issue?.message ?? 'is invalid');
}

function searchOf({ method, run_cap, early_terminate }: z.infer<typeof Sweep>): Search {
  if (method === 'grid') return { method };
  if (run_cap === undefined) return refuse('run_cap', `is missing: a ${method} search needs the number of its configs`);
  if (method === 'random') return { method, samples: run_cap, seed: 0 };
  if (run_cap < 2) return refuse('run_cap', 'must be at least 2');
  const shared = { samples: run_cap, seed: 0, parallel: 8, confirm: 3, alpha: 0.05 };
  if (early_terminate) return { method: 'find', sampler: 'auto', eta: early_terminate.eta, ...shared };
  return { method: 'auto', ...shared };
}

/** The object with a value at a path. */
function placed(object: Record<string, unknown>, [first = '', ...rest]: string[], value: unknown) {
  const inner = object[first];
  object[first] = rest.length === 0 ? value : placed(isRecord(inner) ? inner : {}, rest, value);
  return object;
}

export type ImportedSweep = {
  /** A spec as a user writes it. */
  spec: Record<string, unknown>;
  /** What a reader must know: what was left out, and what means something else here. */
  notes: string[];
};

/**
 * The spec of a W&B sweep. Names of parameters are paths of a spec, or names that scripts often give them; `names` adds others.
 * @throws WandbError with the field and what to change
 */
export function specOfWandb(
  sweep: unknown,
  { names = {} }: { names?: Readonly<Record<string, string>> } = {},
): ImportedSweep {
  const read = Sweep.safeParse(sweep);
  if (!read.success) {
    const [issue] = read.error.issues;
    return refuse(issue?.path.join('.') || 'the file', issue?.message ?? 'is no sweep');
  }
  const { name, metric, parameters } = read.data;
  const search = searchOf(read.data);
  const base: Record<string, unknown> = {};
  const space: Record<string, Axis> = {};
  for (const [written, parameter] of flattened(parameters)) {
    const path = new Map(Object.entries({ ...NAMES, ...names })).get(written) ?? written;
    if (!AxisPath.safeParse(path).success)
      return refuse(`parameters.${written}`, `is no path of a spec: name it with --name ${written}=model.FIELD`);
    const one = parsed(written, parameter);
    if (one.distribution === 'constant') placed(base, path.split('.'), one.value);
    else space[path] = axisOf(one);
  }
  if (Object.keys(space).length === 0) return refuse('parameters', 'nothing varies');
  const notes = ['W&B trains a config once; here it is trained with seeds 1, 2 and 3 unless `seeds` says otherwise'];
  if (metric && !/acc/i.test(metric.name))
    notes.push(`metric ${metric.name} is not taken over: a search reads accuracy on validation images`);
  for (const key of Object.keys(read.data))
    if (['program', 'command', 'controller'].includes(key))
      notes.push(`${key} is not taken over: workers train the sweep`);
  return { spec: { version: 1, name: name ?? 'imported sweep', ...base, search, space }, notes };
}
