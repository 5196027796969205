/** The answer of a sweep: a config a row, mean and spread over its seeds, and its difference from the baseline seed by seed. */
import { canonicalJson, type RunView } from '@ablate/contracts';
import { type Difference, type Estimate, estimate, pairedDifference } from '@ablate/statistics';
import { type Cell, formatTable } from '../table.ts';
import { axisNames, axisPaths, formatPoint, formatValue } from './axes.ts';

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

const present = (value: number | null): value is number => value !== null;

const accuracyBySeed = (runs: readonly RunView[]): Map<number, number> =>
  new Map(runs.flatMap(({ seed, testAccuracy }) => (testAccuracy === null ? [] : [[seed, testAccuracy]])));

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
  const compared = accuracyBySeed(succeeded(base));

  return points.map((point) => {
    const done = succeeded(point);
    return {
      axes: point[0]?.axes ?? {},
      n: done.length,
      validation: estimate(done.map((run) => run.valAccuracy).filter(present)),
      test: estimate(done.map((run) => run.testAccuracy).filter(present)),
      difference: point === base ? null : pairedDifference(accuracyBySeed(done), compared),
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
