/** The answer of a sweep: a config a row, mean and spread over its seeds, and its difference from the baseline seed by seed. */
import { canonicalJson, type RunView } from '@ablate/contracts';
import { type Cell, formatTable } from '../table.ts';
import { axisNames, axisPaths, formatPoint, formatValue } from './axes.ts';

/** Over seeds. `sd` is the sample standard deviation, null where there are fewer than two. Shares between 0 and 1. */
export type Estimate = { mean: number; sd: number | null; n: number };

/** Paired by seed: mean difference, and half the width of its 95 % confidence interval by Student's t; null with fewer than two pairs. */
export type Difference = { mean: number; half: number | null; pairs: number };

export type AblationRow = {
  axes: Record<string, unknown>;
  n: number;
  validation: Estimate | null;
  test: Estimate | null;
  /** Of test accuracy, from the baseline; null for the baseline itself and where no seed has finished in both. */
  difference: Difference | null;
  baseline: boolean;
  unfinished: number;
  failed: number;
};

/** Student's t, two-sided 95 %, for 1 to 30 degrees of freedom. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const t95 = (freedom: number): number => T95[freedom - 1] ?? 1.96 + 2.42 / freedom; // within 0.001 above 30

function estimate(values: readonly number[]): Estimate | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n };
}

const present = (value: number | null): value is number => value !== null;

function difference(runs: readonly RunView[], baseline: readonly RunView[]): Difference | null {
  const bySeed = new Map(baseline.map(({ seed, testAccuracy }) => [seed, testAccuracy]));
  const pairs = runs.flatMap(({ seed, testAccuracy }) => {
    const other = bySeed.get(seed) ?? null;
    return testAccuracy === null || other === null ? [] : [testAccuracy - other];
  });
  const found = estimate(pairs);
  if (!found) return null;
  const { mean, sd, n } = found;
  return { mean, half: sd === null ? null : (t95(n - 1) * sd) / Math.sqrt(n), pairs: n };
}

/**
 * Gather a sweep's runs by config, in the order of the list. The baseline is the point whose axes hold `baseline`'s values, else the first.
 * Only runs that succeeded count.
 */
export function ablation(
  runs: readonly RunView[],
  { baseline }: { baseline?: Record<string, unknown> } = {},
): AblationRow[] {
  const groups = new Map<string, RunView[]>();
  for (const run of runs) {
    const key = canonicalJson(run.axes);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const points = [...groups.values()];
  const isBaseline = ([first]: RunView[]) =>
    first !== undefined &&
    Object.entries(baseline ?? {}).every(([path, value]) => canonicalJson(first.axes[path]) === canonicalJson(value));
  const base = points.find((point) => baseline !== undefined && isBaseline(point)) ?? points[0] ?? [];
  const succeeded = (point: RunView[]) => point.filter((run) => run.state === 'succeeded');
  const compared = succeeded(base);

  return points.map((point) => {
    const done = succeeded(point);
    return {
      axes: point[0]?.axes ?? {},
      n: done.length,
      validation: estimate(done.map((run) => run.valAccuracy).filter(present)),
      test: estimate(done.map((run) => run.testAccuracy).filter(present)),
      difference: point === base ? null : difference(done, compared),
      baseline: point === base,
      unfinished: point.filter((run) => run.state === 'queued' || run.state === 'running').length,
      failed:
        point.length - done.length - point.filter((run) => run.state === 'queued' || run.state === 'running').length,
    };
  });
}

const percent = (share: number) => (100 * share).toFixed(2);
const spread = (found: Estimate | null): string =>
  found === null ? '' : found.sd === null ? percent(found.mean) : `${percent(found.mean)} ± ${percent(found.sd)}`;
const signed = (share: number) => `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`;

const DIFFERENCE = 'Δ test';

function verdict({ baseline, difference: found }: AblationRow): string {
  if (baseline) return 'baseline';
  if (!found) return '';
  if (found.half === null) return 'one pair: cannot be told from noise';
  return Math.abs(found.mean) <= found.half ? 'cannot be told from noise' : found.mean > 0 ? 'better' : 'worse';
}

/** The table as text, with a line below that says how to read it. */
export function formatAblation(rows: readonly AblationRow[]): string {
  const paths = axisPaths(rows);
  const some = (count: (row: AblationRow) => number) => rows.some((row) => count(row) > 0);
  const compares = rows.some((row) => row.difference !== null);
  const delta = ({ difference: found }: AblationRow): string =>
    !found ? '' : found.half === null ? signed(found.mean) : `${signed(found.mean)} ± ${percent(found.half)}`;
  const columns: [string, (row: AblationRow) => Cell][] = [
    ...axisNames(paths).map((name, i): [string, (row: AblationRow) => Cell] => [
      name,
      ({ axes }) => (Object.hasOwn(axes, paths[i] ?? '') ? formatValue(axes[paths[i] ?? '']) : '–'),
    ]),
    ['n', (row) => row.n],
    ['validation %', (row) => spread(row.validation)],
    ['test %', (row) => spread(row.test)],
    ...(compares ? [[DIFFERENCE, delta] satisfies [string, (row: AblationRow) => Cell]] : []),
    ...(compares ? [['', verdict] satisfies [string, (row: AblationRow) => Cell]] : []),
    ...(some((row) => row.unfinished)
      ? [['unfinished', (row) => row.unfinished] satisfies [string, (row: AblationRow) => Cell]]
      : []),
    ...(some((row) => row.failed)
      ? [['failed', (row) => row.failed] satisfies [string, (row: AblationRow) => Cell]]
      : []),
  ];
  const table = formatTable(
    columns.map(([name]) => name),
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  );
  const base = rows.find((row) => row.baseline);
  const legend = 'accuracy as mean ± sample sd over n seeds, best epoch chosen on validation';
  return compares && base
    ? `${table}\n${legend}\n${DIFFERENCE}: points of test accuracy against ${formatPoint(base.axes)}, paired by seed, ± half of its 95 % interval (Student's t)`
    : `${table}\n${legend}`;
}
