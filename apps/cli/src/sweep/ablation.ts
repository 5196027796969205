/** The answer of a sweep: one row per config with mean and spread over its seeds, difference from the baseline, and verdict. */
import { canonicalJson, type RunView } from '@ablate/contracts';
import {
  type Difference,
  type Estimate,
  estimate,
  pairedDifference,
  sweepVerdict,
  VERDICT_WORDS,
  type Verdict,
} from '@ablate/statistics';
import { type Cell, formatTable } from '../table.ts';
import { axisNames, axisPaths, formatPoint, formatValue } from './axes.ts';

export type AblationRow = {
  axes: Record<string, unknown>;
  n: number;
  validation: Estimate | null;
  test: Estimate | null;
  /**
   * Of test accuracy, from the baseline, with the variance pooled over the configs where there is one; null for the baseline and
   * without a seed in both.
   */
  difference: Difference | null;
  /** docs/statistics.md has the rule. */
  verdict: Verdict;
  /** Of the difference, corrected by Holm over the table; null without an estimate of noise. */
  p: number | null;
  /** Smallest difference that these seeds would show, if the verdict is `noise`. */
  detectable: number | null;
  baseline: boolean;
  unfinished: number;
  failed: number;
};

/** Differences of test accuracy within ± half a point count as the same. */
const MARGIN = 0.005;

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
  const results = points.flatMap((point, i) =>
    point.map((run) => ({
      config: String(i),
      seed: run.seed,
      value: run.state === 'succeeded' ? run.testAccuracy : null,
    })),
  );
  const judged =
    points.length === 0 ? [] : sweepVerdict(results, { baseline: String(points.indexOf(base)), margin: MARGIN }).rows;

  return points.map((point, i) => {
    const done = succeeded(point);
    const row = judged[i];
    const paired = point === base ? null : pairedDifference(accuracyBySeed(done), compared);
    return {
      axes: point[0]?.axes ?? {},
      n: done.length,
      validation: estimate(done.map((run) => run.valAccuracy).filter(present)),
      test: estimate(done.map((run) => run.testAccuracy).filter(present)),
      difference: paired && row?.pooled ? { ...paired, mean: row.pooled.mean, half: row.pooled.half } : paired,
      verdict: row?.verdict ?? 'no-result',
      p: row?.pooled?.adjusted ?? null,
      detectable: row?.undecided?.detectable ?? null,
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

function verdictText({ verdict, difference, detectable }: AblationRow): string {
  if (verdict === 'no-result') return '';
  if (verdict === 'noise' && detectable !== null)
    return `${VERDICT_WORDS.noise} (${percent(detectable)} or more would show)`;
  if (verdict === 'no-noise-estimate' && difference?.pairs === 1) return `one seed: ${VERDICT_WORDS[verdict]}`;
  return VERDICT_WORDS[verdict];
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
    ...(compares ? [['', verdictText] satisfies [string, (row: AblationRow) => Cell]] : []),
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
    ? [
        table,
        legend,
        `${DIFFERENCE}: points of test accuracy against ${formatPoint(base.axes)}, paired by seed, ± half of its 95 % interval`,
        'better, worse: beyond noise at 5 % for the whole table (docs/statistics.md); over initialisation, order and augmentation, one split',
      ].join('\n')
    : `${table}\n${legend}`;
}
