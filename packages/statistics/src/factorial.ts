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

const cellKey = (result: GridResult, axes: readonly string[]): string =>
  JSON.stringify(axes.map((axis) => levelOf(result, axis)));

/**
 * The largest balanced part that a greedy search finds: results that name every axis, without the levels that keep the grid from being
 * complete (each time the level that is missing in most combinations), over the seeds that every combination has. `seeds` is empty if no
 * seed is common. O(levels × results).
 */
export function balancedPart(
  all: readonly GridResult[],
  axes: readonly string[],
): { results: GridResult[]; seeds: number[] } {
  let results = all.filter(({ levels, value }) => Number.isFinite(value) && axes.every((axis) => axis in levels));
  for (;;) {
    const cells = new Map(results.map((result) => [cellKey(result, axes), result]));
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
  const cells = new Set(results.map((result) => cellKey(result, axes))).size;
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
  const cells = new Set(results.map((result) => `${result.seed} ${cellKey(result, axes)}`));
  if (n === 0 || size !== n || cells.size !== n)
    throw new RangeError(
      `the grid is not balanced: ${size} combinations of levels and seeds, ${cells.size} of them have results, ${n} results`,
    );
  const grand = results.reduce((sum, { value }) => sum + value, 0) / n;

  /** Means over the groups that `key` forms, less the grand mean. */
  const effectsBy = (key: (result: GridResult) => string): Map<string, number> => {
    const groups = new Map<string, { sum: number; count: number }>();
    for (const result of results) {
      const group = groups.get(key(result)) ?? { sum: 0, count: 0 };
      groups.set(key(result), { sum: group.sum + result.value - grand, count: group.count + 1 });
    }
    return new Map([...groups].map(([name, { sum, count }]) => [name, sum / count]));
  };
  const main = axes.map((axis) => effectsBy((result) => levelOf(result, axis)));
  const seedEffects = effectsBy(({ seed }) => `${seed}`);
  const ofAxis = (result: GridResult, i: number): number => main[i]!.get(levelOf(result, axes[i]!))!;
  const pairs = axes.flatMap((_, i) => axes.slice(i + 1).map((__, j) => [i, i + 1 + j] as const));

  type Part = Pick<AnovaTerm, 'kind' | 'axes' | 'freedom'> & { effect: (result: GridResult) => number };
  const parts: Part[] = [
    {
      kind: 'seed',
      axes: [],
      freedom: seeds.length - 1,
      effect: ({ seed }) => seedEffects.get(`${seed}`)!,
    },
    ...axes.map(
      (axis, i): Part => ({
        kind: 'main',
        axes: [axis],
        freedom: levels[i]!.length - 1,
        effect: (result) => ofAxis(result, i),
      }),
    ),
    ...pairs.map(([i, j]): Part => {
      const both = [axes[i]!, axes[j]!];
      const joint = effectsBy((result) => cellKey(result, both));
      return {
        kind: 'interaction',
        axes: both,
        freedom: (levels[i]!.length - 1) * (levels[j]!.length - 1),
        effect: (result) => joint.get(cellKey(result, both))! - ofAxis(result, i) - ofAxis(result, j),
      };
    }),
  ];
  const squares = parts.map(({ effect }) => results.reduce((sum, result) => sum + effect(result) ** 2, 0));
  const residual = {
    squares: results.reduce(
      (sum, result) => sum + (result.value - grand - parts.reduce((fit, { effect }) => fit + effect(result), 0)) ** 2,
      0,
    ),
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
      const base = main[i]!.get(reference);
      if (base === undefined) throw new RangeError(`unknown level "${reference}" of axis "${axis}"`);
      const se = Math.sqrt((2 * error * levels[i]!.length) / n);
      return [
        axis,
        levels[i]!.map((level): LevelEffect => {
          const effect = main[i]!.get(level)!;
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
