/** What each axis does in a grid: main effects and interactions on its balanced part. */
import { canonicalJson, type EffectView, type GridView, type InteractionView, type LevelView } from '@ablate/contracts';
import {
  balancedPart,
  distinctLevels,
  equivalenceP,
  factorialAnova,
  type GridResult,
  holm,
  pairedTest,
  standardDeviation,
} from '@ablate/statistics';
import { axisNames, axisTexts, varyingAxes } from './axes.ts';
import { type Direction, finite, intervalView } from './comparisons.ts';
import type { AnswerConfig, Values } from './input.ts';

const ALPHA = 0.05;

/**
 * Level of all tests of the grids of a sweep together. It is half of that of the configs' own comparisons, so that a table without any
 * difference has a false claim of either kind in about one of twenty.
 */
const GRIDS_ALPHA = 0.025;

const MAX_CELLS = 1_000;

/** What a grid needs of a config. */
type GridConfig = Pick<AnswerConfig, 'id' | 'axes'>;

type Options = { baseline: GridConfig | null; direction: Direction; margin: number | null };

/** Configs by the axes that they have: the subspaces of a union are grids of their own. */
function byAxes(configs: readonly GridConfig[]): GridConfig[][] {
  const groups = new Map<string, GridConfig[]>();
  for (const config of configs) {
    const key = JSON.stringify(Object.keys(config.axes).sort());
    const group = groups.get(key);
    if (group) group.push(config);
    else groups.set(key, [config]);
  }
  return [...groups.values()];
}

/** The values of a complete grid as one array: the last axis, the seed, changes fastest. */
type Dense = { values: Float64Array; levels: string[][]; strides: number[] };

function denseGrid(results: readonly GridResult[], axes: readonly string[], seeds: readonly number[]): Dense {
  const { sets, of } = distinctLevels(results);
  const levels = axes.map((axis) => [...new Set(sets.map((set) => set[axis] ?? ''))]);
  const strides = levels.map((_, i) => levels.slice(i + 1).reduce((size, { length }) => size * length, seeds.length));
  const places = levels.map((of) => new Map(of.map((level, at) => [level, at])));
  const columns = new Map(seeds.map((seed, at) => [seed, at]));
  const values = new Float64Array(results.length);
  const starts = sets.map((set) =>
    axes.reduce((at, axis, i) => at + (places[i]?.get(set[axis] ?? '') ?? 0) * (strides[i] ?? 0), 0),
  );
  results.forEach(({ seed, value }, r) => {
    values[(starts[of[r] ?? 0] ?? 0) + (columns.get(seed) ?? 0)] = value;
  });
  return { values, levels, strides };
}

/** Index of the level of axis `i` at place `at` of a dense grid. */
const placeOf = ({ levels, strides }: Dense, i: number, at: number): number =>
  Math.floor(at / (strides[i] ?? 1)) % (levels[i]?.length ?? 1);

/** Differences between a level and the reference, paired by every other axis and the seed. */
function pairedLevels(grid: Dense, i: number, level: number, reference: number): number[] {
  const { values, strides } = grid;
  const shift = (reference - level) * (strides[i] ?? 0);
  const differences: number[] = [];
  for (let at = 0; at < values.length; at++)
    if (placeOf(grid, i, at) === level) differences.push((values[at] ?? 0) - (values[at + shift] ?? 0));
  return differences;
}

/** Mean of each combination of two axes: that of levels (i, j) is at i × levels of the second + j. */
function jointMeans(grid: Dense, i: number, j: number): Float64Array {
  const columns = grid.levels[j]?.length ?? 1;
  const means = new Float64Array((grid.levels[i]?.length ?? 1) * columns);
  for (let at = 0; at < grid.values.length; at++)
    means[placeOf(grid, i, at) * columns + placeOf(grid, j, at)]! += grid.values[at] ?? 0;
  return means.map((sum) => (sum * means.length) / grid.values.length);
}

/** The effects of one grid; `alpha` is the level of its tests together. Null if no combination of values is complete. */
function answerGrid(
  configs: readonly GridConfig[],
  values: Values,
  { baseline, direction, margin }: Options,
  alpha: number,
): GridView | null {
  const axes = varyingAxes(configs);
  const texts = new Map<string, Map<string, unknown>>(axes.map((axis) => [axis, new Map()]));
  const all = configs.flatMap((config): GridResult[] => {
    const levels = Object.fromEntries(
      axes.map((axis) => {
        const key = canonicalJson(config.axes[axis]);
        texts.get(axis)?.set(key, config.axes[axis]);
        return [axis, key];
      }),
    );
    return [...(values.get(config.id) ?? [])].map(([seed, value]) => ({ levels, seed, value: direction * value }));
  });
  const { results, seeds } = balancedPart(all, axes);
  const { sets } = distinctLevels(results);
  const kept = axes.filter((axis) => new Set(sets.map((levels) => levels[axis])).size > 1);
  if (results.length === 0 || kept.length < 2) return null;
  const present = (axis: string, level: string) => sets.some((levels) => levels[axis] === level);
  const references = Object.fromEntries(
    kept.flatMap((axis) => {
      const level = baseline && Object.hasOwn(baseline.axes, axis) ? canonicalJson(baseline.axes[axis]) : undefined;
      return level !== undefined && present(axis, level) ? [[axis, level]] : [];
    }),
  );
  const { terms, effects } = factorialAnova(results, kept, { references });
  const grid = denseGrid(results, kept, seeds);
  const replicated = seeds.length > 1;
  const names = new Map(axisNames(axes).map((name, i) => [axes[i] ?? '', name]));
  const textOf = axisTexts(configs);
  const text = (axis: string, level: string) => textOf(axis, texts.get(axis)?.get(level));

  const compared = kept.flatMap((axis, i) =>
    (effects[axis] ?? []).map(({ level, mean, difference }) => {
      const reference = references[axis] ?? effects[axis]?.[0]?.level ?? '';
      const places = grid.levels[i] ?? [];
      const differences =
        level === reference ? [] : pairedLevels(grid, i, places.indexOf(level), places.indexOf(reference));
      const spread = differences.length > 1 && standardDeviation(differences) > 1e-12;
      const tested = replicated && spread && difference !== null && difference.se > 0;
      return {
        axis,
        level,
        mean,
        reference: level === reference,
        estimate: differences.reduce((sum, one) => sum + one, 0) / differences.length,
        paired: tested ? pairedTest(differences, ALPHA) : null,
        pooled: tested ? difference : null,
      };
    }),
  );
  const grand = grid.values.reduce((sum, value) => sum + value, 0) / grid.values.length;
  const pairs = terms.filter(({ kind }) => kind === 'interaction');
  const corrected = holm([
    ...compared.map(({ pooled }) => pooled?.p ?? Number.NaN),
    ...pairs.map(({ p }) => (replicated ? p : Number.NaN)),
  ]);
  const interactions = pairs.map(({ axes: [a = '', b = ''], f, p }, i): InteractionView => {
    const [x, y] = [kept.indexOf(a), kept.indexOf(b)];
    const [rows, columns] = [grid.levels[x] ?? [], grid.levels[y] ?? []];
    const mean = (axis: string, level: string) => effects[axis]?.find((one) => one.level === level)?.mean ?? Number.NaN;
    const small = rows.length * columns.length <= MAX_CELLS;
    const joint = small ? jointMeans(grid, x, y) : new Float64Array();
    return {
      axes: [a, b],
      f: replicated ? finite(f) : null,
      p: replicated ? finite(p) : null,
      adjusted: finite(corrected[compared.length + i] ?? Number.NaN),
      beyondNoise: (corrected[compared.length + i] ?? Number.NaN) < alpha,
      cells: small
        ? rows.flatMap((one, at) =>
            columns.map((other, next) => {
              const value = joint[at * columns.length + next] ?? Number.NaN;
              return {
                levels: [text(a, one), text(b, other)],
                mean: direction * value,
                excess: direction * (value + grand - mean(a, one) - mean(b, other)),
              };
            }),
          )
        : null,
    };
  });

  const levels = compared.map(({ axis, level, mean, reference, estimate, paired, pooled }, i): [string, LevelView] => {
    const p = corrected[i] ?? Number.NaN;
    const beyond = paired !== null && paired.p < ALPHA && p < alpha;
    const same =
      margin !== null &&
      paired &&
      pooled &&
      Math.max(equivalenceP(paired, margin), equivalenceP(pooled, margin)) < ALPHA;
    return [
      axis,
      {
        value: texts.get(axis)?.get(level),
        text: text(axis, level),
        mean: direction * mean,
        verdict: reference
          ? 'baseline'
          : pooled === null
            ? 'no-noise-estimate'
            : beyond
              ? estimate > 0
                ? 'better'
                : 'worse'
              : same
                ? 'equivalent'
                : 'noise',
        difference: reference ? null : direction * estimate,
        paired: intervalView(paired, direction, null),
        pooled: intervalView(pooled, direction, p),
      },
    ];
  });
  return {
    axes: kept,
    configs: results.length / Math.max(1, seeds.length),
    of: configs.length,
    seeds,
    effects: kept.map((axis): EffectView => {
      const term = terms.find(({ kind, axes: [of] }) => kind === 'main' && of === axis);
      return {
        axis,
        name: names.get(axis) ?? axis,
        levels: levels.flatMap(([of, view]) => (of === axis ? [view] : [])),
        f: replicated ? finite(term?.f ?? Number.NaN) : null,
        p: replicated ? finite(term?.p ?? Number.NaN) : null,
        dependsOn: interactions.flatMap(({ beyondNoise, axes: both }) =>
          beyondNoise && both.includes(axis)
            ? both.flatMap((other) => (other === axis ? [] : [names.get(other) ?? other]))
            : [],
        ),
      };
    }),
    interactions,
  };
}

/**
 * The grids of a sweep: one for each set of axes that some configs have, and of which two or more vary. With one axis, the comparisons of the
 * configs are its effect.
 */
export function answerGrids(configs: readonly GridConfig[], values: Values, options: Options): GridView[] {
  const groups = byAxes(configs).filter((group) => varyingAxes(group).length > 1);
  return groups.flatMap((group) => answerGrid(group, values, options, GRIDS_ALPHA / groups.length) ?? []);
}
