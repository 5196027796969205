/** Functions whose minimum is known, with the spaces over which they are minimised; `functions.py` has the same for Optuna. */
import { canonicalHash, Space } from '@ablate/contracts';
import { openSampleSpace, readSubspaces, type SampleSpace } from '@ablate/search';

type Values = Record<string, unknown>;

export type TestFunction = {
  name: string;
  space: Space;
  /** To minimise. */
  value(axes: Values): number;
  minimum: number;
  /** Standard deviation of the noise: a tenth of the distance from the minimum to the median over the space. */
  noise: number;
};

const number = (axes: Values, name: string): number => Number(axes[name]);
const all = (names: readonly string[], range: { min: number; max: number }): Space =>
  Space.parse(Object.fromEntries(names.map((name) => [name, range])));

const SHAPE = {
  alpha: [1, 1.2, 3, 3.2],
  a: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  p: [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
  ],
};

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `train.${prefix}${'abcdef'[i]}`);
const [SIX, FOUR] = [names('x', 6), names('x', 4)];

function branin(axes: Values): number {
  const [x, y] = [number(axes, 'train.xa'), number(axes, 'train.xb')];
  const curve = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
  return curve ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

const hartmann = (axes: Values): number =>
  -SHAPE.alpha.reduce((sum, alpha, i) => {
    const exponent = SIX.reduce(
      (total, name, j) => total + SHAPE.a[i]![j]! * (number(axes, name) - SHAPE.p[i]![j]! * 1e-4) ** 2,
      0,
    );
    return sum + alpha * Math.exp(-exponent);
  }, 0);

function rosenbrock(axes: Values): number {
  const x = FOUR.map((name) => number(axes, name));
  return x.slice(1).reduce((sum, next, i) => sum + 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2, 0);
}

/** What training looks like: three optimizers with learning rates and parameters of their own, and a parameter that only deep models have. */
function conditional(axes: Values): number {
  const name = axes['train.name'];
  const [rate, depth] = [Math.log10(number(axes, 'train.rate')), number(axes, 'train.depth')];
  const [floor, best] = name === 'sgd' ? [0.1, -1] : name === 'adam' ? [0, -3] : [0.05, -4];
  let sum = floor + 0.15 * (rate - best) ** 2 + 0.02 * (depth - 5) ** 2;
  if (name === 'sgd') sum += 2 * (number(axes, 'train.momentum') - 0.9) ** 2;
  if (name === 'adam') sum += 1.5 * (number(axes, 'train.beta') - 0.9) ** 2;
  return sum + (depth >= 4 ? 0.8 * (number(axes, 'train.dropout') - 0.3) ** 2 : 0.05);
}

export const HARTMANN: TestFunction = {
  name: 'hartmann6',
  space: all(SIX, { min: 0, max: 1 }),
  value: hartmann,
  minimum: -3.3223680114155147,
  noise: 0.32,
};

export const FUNCTIONS: readonly TestFunction[] = [
  {
    name: 'branin',
    space: Space.parse({ 'train.xa': { min: -5, max: 10 }, 'train.xb': { min: 0, max: 15 } }),
    value: branin,
    minimum: 0.39788735772973816,
    noise: 3.6,
  },
  HARTMANN,
  { name: 'rosenbrock4', space: all(FOUR, { min: -5, max: 10 }), value: rosenbrock, minimum: 0, noise: 26_000 },
  {
    name: 'conditional',
    space: Space.parse({
      'train.name': ['sgd', 'adam', 'lion'],
      'train.rate': { min: 1e-5, max: 1, scale: 'log' },
      'train.depth': { min: 1, max: 8, integer: true },
      'train.momentum': { min: 0, max: 0.99, when: 'train.name == "sgd"' },
      'train.beta': { min: 0.5, max: 0.999, when: 'train.name == "adam"' },
      'train.dropout': { min: 0, max: 0.8, when: 'train.depth >= 4' },
    }),
    value: conditional,
    minimum: 0,
    noise: 0.068,
  },
];

/** The space for samplers; every point of it is valid. */
export function sampleSpace(space: Space): SampleSpace {
  const read = readSubspaces({
    space,
    dataset: { name: 'cifar10', validation: 0.1, splitSeed: 0 },
    model: {},
    train: {},
    augment: 'none',
  });
  if ('complaints' in read) throw new Error(JSON.stringify(read.complaints));
  return openSampleSpace(read.subspaces, ({ axes }) => canonicalHash(axes));
}
