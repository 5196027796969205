/** The next config of a search: valid, and never one that was asked before. */
import type { SamplerName } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import { type Coordinate, coordinateAt, coordinateWithin, domainSize } from '../domain.ts';
import { encode, isNear } from './gp/encoding.ts';
import { gp, MAX_GP_CONFIGS } from './gp/gp.ts';
import type { Kernel } from './gp/regression.ts';
import { halton } from './halton.ts';
import type { Point, Raw, SampleSpace } from './sample-space.ts';
import { sobol } from './sobol.ts';
import { tpe } from './tpe.ts';
import type { Trial } from './trial.ts';

export type Sampler = Exclude<SamplerName, 'auto' | 'bohb'>;

/** How a config was chosen. `listed`: the first that is left. `kernel`: where the next fit of a Gaussian process starts. */
export type Asked = { point: Point; by: Sampler | 'listed'; kernel?: Kernel };

/** `number` of the ask, from 0: with the seed it decides every random number. `known`: hashes of all configs that were asked for; those of the trials if it is left out. */
export type AskOptions = {
  sampler: Sampler;
  seed: number;
  number: number;
  kernel?: Kernel;
  known?: ReadonlySet<string>;
};

/** Configs with a result before a model is fitted. */
export const STARTUP = 10;
/** Random points tried before a space counts as searched. */
const RANDOM_TRIES = 1000;
/** Points of a space up to which all are tried. */
const LISTED = 20_000;

function* randomPoints({ dimensions }: SampleSpace, seed: number, number: number): Generator<Raw> {
  const random = countedRandom(randomKey(seed, 'random'), [number, 0]);
  for (let tried = 0; tried < RANDOM_TRIES; tried++)
    yield dimensions.map(({ domain }) => coordinateWithin(domain, random.uniform()));
}

/** Every point of a small space. */
function* allPoints({ dimensions }: SampleSpace): Generator<Raw> {
  const size = dimensions.reduce((product, { domain }) => product * domainSize(domain), 1);
  if (size > LISTED) return;
  for (let index = 0; index < size; index++) {
    let rest = index;
    yield dimensions.map(({ domain }): Coordinate => {
      const count = domainSize(domain);
      const at = rest % count;
      rest = Math.floor(rest / count);
      return coordinateAt(domain, at);
    });
  }
}

/**
 * The next config; null if every config of the space was asked for, or none of 1,000 random points was valid and new.
 */
export function ask(
  space: SampleSpace,
  trials: readonly Trial[],
  { sampler, seed, number, kernel, known: asked }: AskOptions,
): Asked | null {
  const domains = space.dimensions.map(({ domain }) => domain);
  const known = asked ?? new Set(trials.map(({ point }) => point.hash));
  const first = (candidates: Iterable<Raw>): Point | null => {
    for (const raw of candidates) {
      const point = space.complete(space.settle(raw));
      if (point && !known.has(point.hash)) return point;
    }
    return null;
  };
  const running = trials.filter(({ score }) => score === null).map(({ point }) => encode(domains, point.coordinates));
  /** Points that a model proposes are no news beside one that is being tried. */
  function* apart(candidates: Iterable<Raw>): Generator<Raw> {
    for (const raw of candidates) {
      const x = running.length > 0 ? encode(domains, space.settle(raw).coordinates) : [];
      if (!running.some((other) => isNear(domains, x, other))) yield raw;
    }
  }
  const take = (by: Asked['by'], candidates: Iterable<Raw>, more: Partial<Asked> = {}): Asked | null => {
    const point = first(candidates);
    return point && { point, by, ...more };
  };
  const done = trials.filter(({ score }) => score !== null).length;
  const model = (): Asked | null => {
    // As Optuna's: the first points of a Halton sequence lie on a line in dimensions of large bases, which tells a fit little.
    if (sampler === 'random' || (sampler === 'gp' && done < STARTUP)) return null;
    if (sampler === 'sobol') return take('sobol', [sobol(space.dimensions, seed)(number)]);
    if (sampler === 'halton' || done < STARTUP)
      return take('halton', [halton(space.dimensions, seed, 'halton')(number)]);
    if (sampler === 'gp' && done <= MAX_GP_CONFIGS) {
      const fitted = gp(space, trials, { seed, number, ...(kernel && { start: kernel }) });
      return take('gp', apart(fitted.candidates), { kernel: fitted.kernel });
    }
    return take('tpe', apart(tpe(space, trials, { seed, number })));
  };
  return model() ?? take('random', randomPoints(space, seed, number)) ?? take('listed', allPoints(space));
}
