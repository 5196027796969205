/** Analysis of variance of a balanced grid: what each axis does, and which axes depend on each other. */
import { fisherSurvival } from './fisher.ts';
import { type DifferenceTest, differenceTest } from './paired.ts';

/** One result of a grid: its level on each axis, and its seed. */
export type GridResult = { levels: Readonly<Record<string, string>>; seed: number; value: number };

/** One line of the table: sum of squares, degrees of freedom, mean square; F against the residual and its p, NaN without residual. */
type AnovaTerm = {
  kind: 'seed' | 'main' | 'interaction' | 'residual';
  /** None for seed and residual, one for a main effect, two for an interaction. */
  axes: readonly string[];
  squares: number;
  freedom: number;
  meanSquare: number;
  f: number;
  p: number;
};

/** A level of an axis: mean over all else, and the difference from the axis' reference level, null for that level itself. */
type LevelEffect = { level: string; mean: number; difference: DifferenceTest | null };

export type Factorial = {
  terms: AnovaTerm[];
  /** By axis, in the order of its levels' first appearance. */
  effects: Record<string, LevelEffect[]>;
  results: number;
};

/** Distinct values in order of first appearance. */
const distinct = <T>(values: Iterable<T>): T[] => [...new Set(values)];

type Levels = GridResult['levels'];

/** The distinct `levels` objects of results, and the index of each result's: results of one config may share theirs, and so the work. */
export function distinctLevels(results: readonly GridResult[]): { sets: Levels[]; of: Int32Array } {
  const index = new Map<Levels, number>();
  const of = new Int32Array(results.length);
  for (let r = 0; r < results.length; r++) {
    const { levels } = results[r]!;
    let at = index.get(levels);
    if (at === undefined) {
      at = index.size;
      index.set(levels, at);
    }
    of[r] = at;
  }
  return { sets: [...index.keys()], of };
}

/**
 * The largest balanced part that a greedy search finds: results that name every axis, without the levels that keep the grid from being
 * complete (each time the level that is missing in most combinations), over the seeds that every combination has. `seeds` is empty if no
 * seed is common. O(levels × results).
 */
export function balancedPart(
  all: readonly GridResult[],
  axes: readonly string[],
): { results: GridResult[]; seeds: number[] } {
  const finite = all.filter(({ value }) => Number.isFinite(value));
  let cells = new Map(
    distinctLevels(finite)
      .sets.filter((levels) => axes.every((axis) => axis in levels))
      .map((levels) => [levels, axes.map((axis) => levels[axis] ?? '')]),
  );
  for (;;) {
    const combinations = new Map([...cells.values()].map((cell) => [JSON.stringify(cell), cell]));
    const levels = axes.map((_, i) => {
      const found = new Map<string, number>();
      for (const cell of combinations.values()) found.set(cell[i]!, (found.get(cell[i]!) ?? 0) + 1);
      return found;
    });
    const size = levels.reduce((product, { size: count }) => product * count, 1);
    if (combinations.size === size) {
      const results = finite.filter(({ levels: of }) => cells.has(of));
      const bySeed = new Map<number, number>();
      for (const { seed } of results) bySeed.set(seed, (bySeed.get(seed) ?? 0) + 1);
      const common = new Set([...bySeed].flatMap(([seed, count]) => (count === size ? [seed] : [])));
      return {
        results: results.filter(({ seed }) => common.has(seed)),
        seeds: [...common].sort((one, other) => one - other),
      };
    }
    const candidates = levels.flatMap((found, i) =>
      [...found].map(([level, count]) => ({ i, level, share: (count * found.size) / size })),
    );
    const { i, level } = candidates.reduce((worst, one) => (one.share < worst.share ? one : worst));
    cells = new Map([...cells].filter(([, cell]) => cell[i] !== level));
  }
}

/**
 * ANOVA of a balanced grid with seeds as blocks: seeds, main effects, two-way interactions; interactions of a higher order and of axes with seeds
 * are the residual. Montgomery, Design and Analysis of Experiments, chapters 4 and 5; equals R's
 * `aov(value ~ seed + (a + b + …)^2)`. `references` names the level of an axis that the others are compared with, else the
 * first. O(results × axes²).
 *
 * @throws RangeError if the grid is not balanced: some combination of levels lacks a seed or has one twice.
 */
export function factorialAnova(
  results: readonly GridResult[],
  axes: readonly string[],
  { references = {}, alpha = 0.05 }: { references?: Readonly<Record<string, string>>; alpha?: number } = {},
): Factorial {
  const n = results.length;
  const { sets, of } = distinctLevels(results);
  const levels = axes.map((axis) => distinct(sets.map((set) => set[axis] ?? '')));
  const seeds = distinct(results.map(({ seed }) => seed));
  const seedAt = new Map(seeds.map((seed, at) => [seed, at]));
  const size = levels.reduce((product, { length }) => product * length, seeds.length);
  /** Index of each result's level, by axis; then that of its seed. */
  const places = [
    ...axes.map((axis, i) => {
      const index = new Map(levels[i]!.map((level, at) => [level, at]));
      const places = sets.map((set) => index.get(set[axis] ?? '')!);
      return of.map((set) => places[set]!);
    }),
    Int32Array.from(results, ({ seed }) => seedAt.get(seed)!),
  ];
  const sizes = [...levels.map(({ length }) => length), seeds.length];
  /** Combinations of levels and seed: numbered from 0 to `size`, so that marks of a balanced grid need one byte each. */
  const found = size === n ? new Uint8Array(n) : null;
  if (found) for (let r = 0; r < n; r++) found[places.reduce((at, place, i) => at * sizes[i]! + place[r]!, 0)] = 1;
  const present = found?.reduce((sum, one) => sum + one, 0);
  if (n === 0 || present !== n)
    throw new RangeError(
      `the grid is not balanced: ${size} combinations of levels and seeds, ${n} results${present === undefined ? '' : `, ${present} of them different`}`,
    );
  const values = Float64Array.from(results, ({ value }) => value);
  const grand = values.reduce((sum, value) => sum + value, 0) / n;

  /** Means over the groups that `group` numbers, less the grand mean. */
  const effectsBy = (groups: number, group: Int32Array): Float64Array => {
    const sums = new Float64Array(groups);
    for (let r = 0; r < n; r++) sums[group[r]!]! += values[r]! - grand;
    return sums.map((sum) => (sum * groups) / n);
  };
  const main = axes.map((_, i) => effectsBy(sizes[i]!, places[i]!));
  const seedPlaces = places[axes.length]!;
  const seedEffects = effectsBy(seeds.length, seedPlaces);
  const pairs = axes.flatMap((_, i) => axes.slice(i + 1).map((__, j) => [i, i + 1 + j] as const));

  /** A term: the effect of each of its groups, and the group of each result. All groups of a term have equally many results. */
  type Part = Pick<AnovaTerm, 'kind' | 'axes' | 'freedom'> & { effects: Float64Array; group: Int32Array };
  const parts: Part[] = [
    { kind: 'seed', axes: [], freedom: seeds.length - 1, effects: seedEffects, group: seedPlaces },
    ...axes.map(
      (axis, i): Part => ({
        kind: 'main',
        axes: [axis],
        freedom: sizes[i]! - 1,
        effects: main[i]!,
        group: places[i]!,
      }),
    ),
    ...pairs.map(([i, j]): Part => {
      const columns = sizes[j]!;
      const group = places[i]!.map((place, r) => place * columns + places[j]![r]!);
      const joint = effectsBy(sizes[i]! * columns, group);
      return {
        kind: 'interaction',
        axes: [axes[i]!, axes[j]!],
        freedom: (sizes[i]! - 1) * (columns - 1),
        effects: joint.map((effect, at) => effect - main[i]![Math.floor(at / columns)]! - main[j]![at % columns]!),
        group,
      };
    }),
  ];
  const rest = values.map((value) => value - grand);
  for (const { effects, group } of parts) for (let r = 0; r < n; r++) rest[r]! -= effects[group[r]!]!;
  const sumOfSquares = (of: Float64Array): number => of.reduce((sum, one) => sum + one * one, 0);
  const squares = parts.map(({ effects }) => (sumOfSquares(effects) * n) / effects.length);
  const residualSquares = sumOfSquares(rest);
  const residual = {
    squares: residualSquares,
    freedom: n - 1 - parts.reduce((sum, { freedom }) => sum + freedom, 0),
  };
  const error = residual.freedom > 0 ? residual.squares / residual.freedom : Number.NaN;

  const terms = parts.map(({ kind, axes: named, freedom }, i): AnovaTerm => {
    const meanSquare = freedom > 0 ? squares[i]! / freedom : Number.NaN;
    const f = meanSquare / error;
    return {
      kind,
      axes: named,
      squares: squares[i]!,
      freedom,
      meanSquare,
      f,
      p: fisherSurvival(f, freedom, residual.freedom),
    };
  });
  const effects = Object.fromEntries(
    axes.map((axis, i) => {
      const reference = references[axis] ?? levels[i]![0]!;
      const base = main[i]![levels[i]!.indexOf(reference)];
      if (base === undefined) throw new RangeError(`unknown level "${reference}" of axis "${axis}"`);
      const se = Math.sqrt((2 * error * levels[i]!.length) / n);
      return [
        axis,
        levels[i]!.map((level, at): LevelEffect => {
          const effect = main[i]![at]!;
          const difference =
            level === reference || Number.isNaN(error)
              ? null
              : differenceTest({ mean: effect - base, se, freedom: residual.freedom }, alpha);
          return { level, mean: grand + effect, difference };
        }),
      ];
    }),
  );
  return {
    terms: [...terms, { kind: 'residual', axes: [], ...residual, meanSquare: error, f: Number.NaN, p: Number.NaN }],
    effects,
    results: n,
  };
}
