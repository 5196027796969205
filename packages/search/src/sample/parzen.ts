/**
 * Parzen estimators, as Optuna 5's `_ParzenEstimator`: a mixture of products, with one kernel for each observation and a wide one as the prior.
 * Watanabe, "Tree-structured Parzen estimator", arXiv 2304.11127.
 */
import type { CountedRandom } from '@ablate/random';
import { logNormalMass } from '@ablate/statistics';
import { type Coordinate, coordinateAt, type Domain } from '../domain.ts';
import { kendallDistance, mallows } from './mallows.ts';

/** The kernels of one dimension. */
type Column = {
  /** Adds the log density of x under each kernel. */
  add(x: Coordinate, into: Float64Array): void;
  draw(kernel: number, random: CountedRandom): Coordinate;
};

type NumberDomain = Extract<Domain, { kind: 'number' }>;

/** No kernel is narrower than this share of the range ("magic clip"). */
const NARROWEST = 100;

/** Parts of the range, each narrower than any kernel: neighbours within one part are too close to matter. */
const PARTS = 128;

/**
 * Widths of kernels: the larger gap to the neighbours, where the ends of the range are neighbours too, but not of the smallest and the largest
 * observation if there are two; then clipped. Of equal observations the oldest is the smallest. O(n).
 */
function widths(centres: Float64Array, low: number, high: number): Float64Array {
  const n = centres.length;
  const narrowest = (high - low) / Math.min(NARROWEST, n + 2);
  const partOf = (x: number): number =>
    Math.min(PARTS - 1, Math.max(0, Math.floor(((x - low) / (high - low)) * PARTS)));
  const [smallest, largest] = [new Int32Array(PARTS).fill(-1), new Int32Array(PARTS).fill(-1)];
  for (let i = 0; i < n; i++) {
    const part = partOf(centres[i]!);
    if (smallest[part]! < 0 || centres[i]! < centres[smallest[part]!]!) smallest[part] = i;
    if (largest[part]! < 0 || centres[i]! >= centres[largest[part]!]!) largest[part] = i;
  }
  const found = new Float64Array(n).fill(narrowest);
  const filled = Array.from(smallest.keys()).filter((part) => smallest[part]! >= 0);
  filled.forEach((part, at) => {
    const [first, last] = [smallest[part]!, largest[part]!];
    const before = at > 0 ? centres[largest[filled[at - 1]!]!]! : low;
    const after = at < filled.length - 1 ? centres[smallest[filled[at + 1]!]!]! : high;
    const isEnd = { low: at === 0 && n > 1, high: at === filled.length - 1 && n > 1 };
    const below = isEnd.low ? 0 : centres[first]! - before;
    const above = isEnd.high ? 0 : after - centres[last]!;
    for (const [i, gap] of first === last
      ? [[first, Math.max(below, above)] as const]
      : ([
          [first, below],
          [last, above],
        ] as const))
      found[i] = Math.min(Math.max(gap, narrowest), high - low);
  });
  return found;
}

const LOG_ROOT_2PI = 0.5 * Math.log(2 * Math.PI);

function numberColumn(domain: NumberDomain, observed: readonly Coordinate[]): Column {
  const { log, step, first, count } = domain;
  const scale = (x: number): number => (log ? Math.log(x) : x);
  const last = step === null ? domain.high : Number(coordinateAt(domain, count - 1));
  const half = step === null ? 0 : step / 2;
  const low = scale((step === null ? domain.low : first) - half);
  const high = scale(last + half);
  const inner = new Float64Array(observed.length);
  for (let i = 0; i < inner.length; i++) inner[i] = scale(Number(observed[i]));
  const kernels = inner.length + 1;
  const mu = new Float64Array(kernels);
  const sigma = new Float64Array(kernels);
  mu.set(inner);
  sigma.set(widths(inner, low, high));
  mu[kernels - 1] = (low + high) / 2;
  sigma[kernels - 1] = high - low;

  const draw = (kernel: number, random: CountedRandom): number => {
    for (;;) {
      const x = mu[kernel]! + sigma[kernel]! * random.normal();
      if (x < low || x > high) continue;
      const value = log ? Math.exp(x) : x;
      if (step === null) return Math.min(Math.max(value, domain.low), domain.high);
      return Number(coordinateAt(domain, Math.min(Math.max(Math.round((value - first) / step), 0), count - 1)));
    }
  };
  if (step === null) {
    const inverse = new Float64Array(kernels);
    const constants = new Float64Array(kernels);
    for (let k = 0; k < kernels; k++) {
      const width = sigma[k]!;
      inverse[k] = 1 / width;
      const whole = logNormalMass((low - mu[k]!) / width, (high - mu[k]!) / width);
      constants[k] = -Math.log(width) - LOG_ROOT_2PI - whole;
    }
    return {
      add(x, into) {
        const at = scale(Number(x));
        for (let k = 0; k < kernels; k++) {
          const z = (at - mu[k]!) * inverse[k]!;
          into[k]! += constants[k]! - 0.5 * z * z;
        }
      },
      draw,
    };
  }
  // Observations repeat: each different kernel is evaluated once.
  const known = new Map<number, Map<number, number>>();
  const distinct: number[] = [];
  const kind = Int32Array.from(mu, (centre, k) => {
    const of = known.get(centre) ?? new Map<number, number>();
    known.set(centre, of);
    const found = of.get(sigma[k]!) ?? distinct.push(k) - 1;
    of.set(sigma[k]!, found);
    return found;
  });
  const wholes = distinct.map((k) => logNormalMass((low - mu[k]!) / sigma[k]!, (high - mu[k]!) / sigma[k]!));
  const masses = new Map<number, Float64Array>();
  const massesAt = (x: number): Float64Array => {
    const [left, right] = [scale(x - half), scale(x + half)];
    return Float64Array.from(
      distinct,
      (k, i) => logNormalMass((left - mu[k]!) / sigma[k]!, (right - mu[k]!) / sigma[k]!) - wholes[i]!,
    );
  };
  return {
    add(x, into) {
      const value = Number(x);
      const mass = masses.get(value) ?? massesAt(value);
      masses.set(value, mass);
      for (let k = 0; k < kernels; k++) into[k]! += mass[kind[k]!]!;
    },
    draw,
  };
}

function choiceColumn(choices: number, observed: readonly Coordinate[]): Column {
  const kernels = observed.length + 1;
  const whole = 1 + choices / kernels;
  const [hit, miss] = [(1 + 1 / kernels) / whole, 1 / kernels / whole];
  const [logHit, logMiss, logPrior] = [Math.log(hit), Math.log(miss), -Math.log(choices)];
  const seen = Int32Array.from(observed, Number);
  return {
    add(x, into) {
      const value = Number(x);
      for (let k = 0; k < kernels - 1; k++) into[k]! += seen[k] === value ? logHit : logMiss;
      into[kernels - 1]! += logPrior;
    },
    draw(kernel, random) {
      if (kernel === kernels - 1 || random.uniform() >= hit - miss) return random.integer(choices);
      return seen[kernel]!;
    },
  };
}

/** Mallows kernels: the further an order is from the observed one, the less likely. Not in Optuna, which has no permutations. */
function permutationColumn(items: number, observed: readonly Coordinate[]): Column {
  const kernels = observed.length + 1;
  const orders = observed.map((order) => [order].flat().map(Number));
  const { logWhole, drawNear } = mallows(items, Math.log1p(kernels) / (items - 1));
  const uniform = mallows(items, 0);
  const centre = Array.from({ length: items }, (_, i) => i);
  return {
    add(x, into) {
      const order = [x].flat().map(Number);
      for (let k = 0; k < kernels - 1; k++)
        into[k]! -= (Math.log1p(kernels) / (items - 1)) * kendallDistance(order, orders[k]!) + logWhole;
      into[kernels - 1]! -= uniform.logWhole;
    },
    draw: (kernel, random) =>
      kernel === kernels - 1 ? uniform.drawNear(centre, random) : drawNear(orders[kernel]!, random),
  };
}

function column(domain: Domain, observed: readonly Coordinate[]): Column {
  if (domain.kind === 'number') return numberColumn(domain, observed);
  if (domain.kind === 'choice') return choiceColumn(domain.values.length, observed);
  return permutationColumn(domain.items.length, observed);
}

/** Observations of full weight: the latest ones. */
const RECENT = 25;

/** Weights by age, oldest first: 1/n rising evenly to 1, which the last 25 have. */
const ageWeight = (i: number, n: number): number => {
  const old = n - RECENT;
  if (n < RECENT || i >= old) return 1;
  return old === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (old - 1);
};

export type Parzen = {
  /** Log density at a point. */
  logDensity(x: readonly Coordinate[]): number;
  draw(random: CountedRandom): Coordinate[];
};

/** @param observed oldest first: one list of coordinates for each domain */
export function parzen(domains: readonly Domain[], observed: readonly (readonly Coordinate[])[]): Parzen {
  const n = observed[0]?.length ?? 0;
  const columns = domains.map((domain, d) => column(domain, observed[d] ?? []));
  const weights = new Float64Array(n + 1).fill(1);
  for (let i = 0; i < n; i++) weights[i] = ageWeight(i, n);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const logWeights = weights.map((weight) => Math.log(weight / sum));
  const terms = new Float64Array(n + 1);
  return {
    logDensity(x) {
      terms.set(logWeights);
      columns.forEach((kernels, d) => {
        kernels.add(x[d]!, terms);
      });
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k <= n; k++) if (terms[k]! > largest) largest = terms[k]!;
      let total = 0;
      // Below e^-40 of the largest, a term does not change the sum.
      for (let k = 0; k <= n; k++) if (terms[k]! > largest - 40) total += Math.exp(terms[k]! - largest);
      return largest + Math.log(total);
    },
    draw(random) {
      let rest = random.uniform() * sum;
      let kernel = 0;
      while (kernel < n && rest >= weights[kernel]!) rest -= weights[kernel++]!;
      return columns.map((kernels) => kernels.draw(kernel, random));
    },
  };
}
