/** Where a Gaussian process expects the largest improvement: the best of many points, improved by local search. */
import { countedRandom, randomKey } from '@ablate/random';
import { type Coordinate, coordinateAt, type Domain, domainSize } from '../../domain.ts';
import { halton } from '../halton.ts';
import { isOpen, type Raw, type SampleSpace } from '../sample-space.ts';
import { type Encoded, encode, fromUnit, toUnit } from './encoding.ts';
import { logImprovement } from './improvement.ts';
import { minimise } from './minimise.ts';
import type { Posterior } from './regression.ts';

/** As Optuna 5: points before, and starts of, the local search. */
const POINTS = 2048;
const STARTS = 10;
/** Points around the incumbent, at a half, a quarter, … of the distance of points of the space. */
const NEAR_POINTS = 240;
const HALVINGS = 12;
const ROUNDS = 20;
const GRADIENT_ROUNDS = 200;
const GRADIENT_TOLERANCE = 1e-2;
/** Values of a range up to which each is tried; beyond, those at distances 1, 2, 4, … are. */
const EXHAUSTIVE = 16;
/** A deviation that is added to each. */
const STABILISING = 1e-9;

type Climbed = { raw: Raw; value: number };

/** Other values of a dimension that a local search tries. */
function* alternatives(domain: Domain, current: Coordinate): Generator<Coordinate> {
  if (domain.kind === 'permutation') {
    const order = [current].flat().map(Number);
    for (let i = 0; i < order.length; i++)
      for (let j = 0; j < i; j++) yield order.with(i, order[j]!).with(j, order[i]!);
    return;
  }
  const size = domainSize(domain);
  const index =
    domain.kind === 'choice' ? Number(current) : Math.round((Number(current) - domain.first) / (domain.step ?? 1));
  if (domain.kind === 'choice' || size <= EXHAUSTIVE) {
    for (let i = 0; i < size; i++) if (i !== index) yield coordinateAt(domain, i);
    return;
  }
  for (let distance = 1; distance < size; distance *= 2)
    for (const i of [index - distance, index + distance]) if (i >= 0 && i < size) yield coordinateAt(domain, i);
}

/**
 * Log of the expected improvement on the incumbent by what one more result would make of a point: its knowledge gradient against the incumbent (Frazier, Powell and
 * Dayanik 2009). Of an exact result this is the expected improvement; of a noisy one much less where much is known, so a search does not ask for the same
 * again and again.
 */
function acquisition(space: SampleSpace, posterior: Posterior, incumbent: Raw) {
  const domains = space.dimensions.map(({ domain }) => domain);
  const { weights } = posterior.kernel;
  const gain = posterior.against(encode(domains, space.settle(incumbent).coordinates));
  const valueAt = (raw: Raw): number => {
    const { mean, deviation: found } = gain.at(encode(domains, space.settle(raw).coordinates));
    const deviation = found + STABILISING;
    return logImprovement(mean / deviation)[0] + Math.log(deviation);
  };
  /** Value at an encoded point, with the derivatives by some of its numbers. */
  const detailAt = (x: Encoded, members: readonly number[]) => {
    const { mean, deviation: found, ofMean, ofDeviation } = gain.slopesAt(x, members);
    const deviation = found + STABILISING;
    const z = mean / deviation;
    const [value, slope] = logImprovement(z);
    const gradient = members.map((_, i) => (slope * (ofMean[i]! - z * ofDeviation[i]!) + ofDeviation[i]!) / deviation);
    return { value: value + Math.log(deviation), gradient };
  };
  return { domains, weights, valueAt, detailAt };
}

/** Climbs on the continuous dimensions by their gradient, on the others value by value, until nothing improves. */
function climb(
  { raw: start, value: reached }: Climbed,
  space: SampleSpace,
  { domains, weights, valueAt, detailAt }: ReturnType<typeof acquisition>,
  isValid: (raw: Raw) => boolean,
): Climbed {
  let [raw, value] = [start, reached];
  const accept = (next: Raw, found: number): boolean => {
    if (!(found > value + 1e-9) || !isValid(next)) return false;
    [raw, value] = [next, found];
    return true;
  };
  for (let round = 0; round < ROUNDS; round++) {
    let improved = false;
    const { coordinates } = space.settle(raw);
    const smooth = domains.flatMap((domain, d) =>
      domain.kind === 'number' && domain.step === null && coordinates[d] !== null && isOpen(space.dimensions[d]!)
        ? [{ d, domain }]
        : [],
    );
    if (smooth.length > 0) {
      const lengths = smooth.map(({ d }) => 1 / Math.sqrt(weights[d]!));
      const members = smooth.map(({ d }) => d);
      const base = encode(domains, coordinates);
      const { x } = minimise(
        (scaled) => {
          const point = base.slice();
          smooth.forEach(({ d }, i) => {
            point[d] = scaled[i]! * lengths[i]!;
          });
          const found = detailAt(point, members);
          return {
            value: -found.value,
            gradient: Float64Array.from(found.gradient, (slope, i) => -slope * lengths[i]!),
          };
        },
        Float64Array.from(smooth, ({ d, domain }, i) => toUnit(domain, Number(raw[d])) / lengths[i]!),
        {
          lower: 0,
          upper: Float64Array.from(lengths, (length) => 1 / length),
          tolerance: GRADIENT_TOLERANCE,
          rounds: GRADIENT_ROUNDS,
        },
      );
      const next = raw.slice();
      smooth.forEach(({ d, domain }, i) => {
        next[d] = fromUnit(domain, x[i]! * lengths[i]!);
      });
      improved = accept(next, valueAt(next));
    }
    let stepped = false;
    space.dimensions.forEach(({ domain }, d) => {
      if ((domain.kind === 'number' && domain.step === null) || domainSize(domain) < 2) return;
      if (space.settle(raw).coordinates[d] === null) return;
      for (const coordinate of alternatives(domain, raw[d]!)) {
        const next = raw.with(d, coordinate);
        if (accept(next, valueAt(next))) stepped = true;
      }
    });
    if (!stepped && (!improved || round > 0)) break;
  }
  return { raw, value };
}

/** A point with the incumbent's values, but numbers of continuous ranges a share of the way to another point. */
const pulled = ({ dimensions }: SampleSpace, incumbent: Raw, other: Raw, share: number): Raw =>
  dimensions.map(({ domain }, d) => {
    if (domain.kind !== 'number' || domain.step !== null) return incumbent[d]!;
    const from = toUnit(domain, Number(incumbent[d]));
    return fromUnit(domain, from + share * (toUnit(domain, Number(other[d])) - from));
  });

/** Candidates for the next ask, the most promising first. */
export function* propose(
  space: SampleSpace,
  posterior: Posterior,
  {
    incumbent,
    seed,
    number,
  }: {
    incumbent: Raw;
    seed: number;
    number: number;
  },
): Generator<Raw> {
  const random = countedRandom(randomKey(seed, 'gp'), [number, 0]);
  const at = acquisition(space, posterior, incumbent);
  const points = halton(space.dimensions, seed, `gp ${number}`);
  const isValid = (raw: Raw): boolean => space.complete(space.settle(raw)) !== null;
  const rank = (raws: readonly Raw[]): Climbed[] =>
    raws.map((raw): Climbed => ({ raw, value: at.valueAt(raw) })).sort((a, b) => b.value - a.value);
  const spread = rank(Array.from({ length: POINTS }, (_, i) => points(i)));
  const near = rank(
    Array.from({ length: NEAR_POINTS }, (_, i) =>
      pulled(space, incumbent, points(POINTS + i), 2 ** -(1 + (i % HALVINGS))),
    ),
  );
  // The best valid point near the incumbent, the best of the whole space, then points of it by roulette.
  const starts = near.filter(({ raw }) => isValid(raw)).slice(0, 1);
  const first = spread.slice(0, EXHAUSTIVE).find(({ raw }) => isValid(raw));
  if (first) starts.push(first);
  const best = spread[0]!.value;
  const pool = spread.map((point) => ({ point, weight: Math.exp(point.value - best) }));
  for (let spin = 0; starts.length < STARTS && spin < 4 * STARTS; spin++) {
    const sum = pool.reduce((total, { weight }) => total + weight, 0);
    let rest = random.uniform() * sum;
    const chosen = pool.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    if (!chosen || chosen.weight === 0) break;
    chosen.weight = 0;
    if (chosen.point !== first && isValid(chosen.point.raw)) starts.push(chosen.point);
  }
  const climbed = starts.map((start) => climb(start, space, at, isValid)).sort((a, b) => b.value - a.value);
  for (const { raw } of climbed) yield raw;
  for (const { raw } of [...near, ...spread].sort((a, b) => b.value - a.value)) yield raw;
}
