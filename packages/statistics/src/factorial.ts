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

const levelOf = ({ levels }: GridResult, axis: string): string => levels[axis] ?? '';

/** Distinct values in order of first appearance. */
const distinct = <T>(values: Iterable<T>): T[] => [...new Set(values)];

/** The levels of a result on the axes as one text. Results that share their levels object share the work. */
function cellKeys(axes: readonly string[]): (result: GridResult) => string {
  const known = new Map<GridResult['levels'], string>();
  return (result) => {
    const found = known.get(result.levels) ?? JSON.stringify(axes.map((axis) => levelOf(result, axis)));
    known.set(result.levels, found);
    return found;
  };
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
  const cellKey = cellKeys(axes);
  let results = all.filter(({ levels, value }) => Number.isFinite(value) && axes.every((axis) => axis in levels));
  for (;;) {
    const cells = new Map(results.map((result) => [cellKey(result), result]));
    const levels = axes.map((axis) => {
      const found = new Map<string, number>();
      for (const cell of cells.values()) found.set(levelOf(cell, axis), (found.get(levelOf(cell, axis)) ?? 0) + 1);
      return found;
    });
    const size = levels.reduce((product, { size: count }) => product * count, 1);
    if (cells.size === size) break;
    const candidates = levels.flatMap((found, i) =>
      [...found].map(([level, count]) => ({ axis: axes[i]!, level, share: (count * found.size) / size })),
    );
    const { axis, level } = candidates.reduce((worst, one) => (one.share < worst.share ? one : worst));
    results = results.filter((result) => levelOf(result, axis) !== level);
  }
  const bySeed = new Map<number, number>();
  for (const { seed } of results) bySeed.set(seed, (bySeed.get(seed) ?? 0) + 1);
  const cells = new Set(results.map(cellKey)).size;
  const seeds = [...bySeed].flatMap(([seed, count]) => (count === cells ? [seed] : [])).sort((a, b) => a - b);
  return { results: results.filter(({ seed }) => seeds.includes(seed)), seeds };
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
  const levels = axes.map((axis) => distinct(results.map((result) => levelOf(result, axis))));
  const seeds = distinct(results.map(({ seed }) => seed));
  const size = levels.reduce((product, { length }) => product * length, seeds.length);
  /** Index of each result's level, by axis; then that of its seed. */
  const places = [
    ...axes.map((axis, i) => {
      const index = new Map(levels[i]!.map((level, at) => [level, at]));
      return Int32Array.from(results, (result) => index.get(levelOf(result, axis))!);
    }),
    Int32Array.from(results, (result) => seeds.indexOf(result.seed)),
  ];
  const sizes = [...levels.map(({ length }) => length), seeds.length];
  const combinations = new Set<number>();
  for (let r = 0; r < n; r++) combinations.add(places.reduce((at, place, i) => at * sizes[i]! + place[r]!, 0));
  if (n === 0 || size !== n || combinations.size !== n)
    throw new RangeError(
      `the grid is not balanced: ${size} combinations of levels and seeds, ${combinations.size} of them have results, ${n} results`,
    );
  const values = Float64Array.from(results, ({ value }) => value);
  const grand = values.reduce((sum, value) => sum + value, 0) / n;

  /** Means over the groups that `group` numbers, less the grand mean. */
  const effectsBy = (groups: number, group: (r: number) => number): Float64Array => {
    const sums = new Float64Array(groups);
    for (let r = 0; r < n; r++) sums[group(r)]! += values[r]! - grand;
    return sums.map((sum) => (sum * groups) / n);
  };
  const main = axes.map((_, i) => effectsBy(sizes[i]!, (r) => places[i]![r]!));
  const seedPlaces = places[axes.length]!;
  const seedEffects = effectsBy(seeds.length, (r) => seedPlaces[r]!);
  const pairs = axes.flatMap((_, i) => axes.slice(i + 1).map((__, j) => [i, i + 1 + j] as const));

  type Part = Pick<AnovaTerm, 'kind' | 'axes' | 'freedom'> & { effect: (r: number) => number };
  const parts: Part[] = [
    { kind: 'seed', axes: [], freedom: seeds.length - 1, effect: (r) => seedEffects[seedPlaces[r]!]! },
    ...axes.map(
      (axis, i): Part => ({
        kind: 'main',
        axes: [axis],
        freedom: sizes[i]! - 1,
        effect: (r) => main[i]![places[i]![r]!]!,
      }),
    ),
    ...pairs.map(([i, j]): Part => {
      const cell = (r: number): number => places[i]![r]! * sizes[j]! + places[j]![r]!;
      const joint = effectsBy(sizes[i]! * sizes[j]!, cell);
      return {
        kind: 'interaction',
        axes: [axes[i]!, axes[j]!],
        freedom: (sizes[i]! - 1) * (sizes[j]! - 1),
        effect: (r) => joint[cell(r)]! - main[i]![places[i]![r]!]! - main[j]![places[j]![r]!]!,
      };
    }),
  ];
  const squares = parts.map(() => 0);
  let residualSquares = 0;
  for (let r = 0; r < n; r++) {
    let rest = values[r]! - grand;
    for (let part = 0; part < parts.length; part++) {
      const effect = parts[part]!.effect(r);
      squares[part]! += effect ** 2;
      rest -= effect;
    }
    residualSquares += rest ** 2;
  }
  const residual = {
    squares: residualSquares,
    freedom: n - 1 - parts.reduce((sum, { freedom }) => sum + freedom, 0),
  };
  const error = residual.freedom > 0 ? residual.squares / residual.freedom : Number.NaN;

  const terms = parts.map(({ kind, axes: of, freedom }, i): AnovaTerm => {
    const meanSquare = freedom > 0 ? squares[i]! / freedom : Number.NaN;
    const f = meanSquare / error;
    return {
      kind,
      axes: of,
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
