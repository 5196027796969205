/** The report of a search: its two best configs and the baseline, on seeds that did not choose them. */
import type { Decision } from '@ablate/contracts';
import { mean, raceLook, studentCritical } from '@ablate/statistics';

type Finish = Extract<Decision, { kind: 'finish' }>;

/** Values of one config on the fresh seeds, in their order; null for a run without one. */
export type FreshResult = { config: number; values: readonly (number | null)[] };

/** Half the width of the interval of a difference at level 1 - alpha / comparisons, by the variance around config + seed of all rows. */
function halfWidth(rows: readonly (readonly number[])[], alpha: number): number {
  const [configs, n] = [rows.length, rows[0]?.length ?? 0];
  const { noise } = raceLook(rows);
  if (noise === null) return Number.NaN;
  return studentCritical(alpha / (configs - 1), (configs - 1) * (n - 1)) * noise * Math.sqrt(2 / n);
}

/**
 * The winner and what is reported. The winner is that of the search unless the runner-up is significantly better on the fresh seeds: choosing the larger of the two
 * would flatter it. One look at a number of seeds that was planned, so intervals are those of t tests, corrected for the number of comparisons.
 */
export function confirmed(
  fresh: readonly FreshResult[],
  {
    baseline,
    direction,
    alpha,
    margin,
  }: { baseline: number | null; direction: 1 | -1; alpha: number; margin: number | null },
): { winner: number | null; rows: Finish['rows'] } {
  const complete = fresh.flatMap(({ config, values }) => {
    const known = values.flatMap((value) => (value === null ? [] : [value]));
    return known.length === values.length ? [{ config, values: known, mean: mean(known) }] : [];
  });
  const half = halfWidth(
    complete.map(({ values }) => values),
    alpha,
  );
  const [first, second] = complete.filter(({ config }) => config !== baseline);
  const isSwapped = first && second && direction * (second.mean - first.mean) > half;
  const leading = isSwapped ? second : first;
  const against = complete.find(({ config }) => config === baseline);
  const rows = fresh.map(({ config, values }): Finish['rows'][number] => {
    const own = complete.find((row) => row.config === config);
    const row = { config, seeds: values.length, mean: own?.mean ?? null, difference: null, half: null };
    if (!own) return { ...row, verdict: 'failed' };
    if (config === baseline) return { ...row, verdict: 'baseline' };
    const other = against ?? (own === leading ? (isSwapped ? first : second) : leading);
    if (!other || Number.isNaN(half)) return { ...row, verdict: 'undecided' };
    const difference = own.mean - other.mean;
    const gain = direction * difference;
    const isSame = margin !== null && Math.abs(difference) + half <= margin;
    const verdict = gain > half ? 'better' : gain < -half ? 'worse' : isSame ? 'same' : 'undecided';
    return { ...row, verdict, difference, half };
  });
  return { winner: leading?.config ?? against?.config ?? null, rows };
}
