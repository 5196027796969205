/** The report of a search: its best configs and the baseline, on seeds that did not choose them. */
import type { Decision } from '@ablate/contracts';
import { mean, raceLook, studentCritical } from '@ablate/statistics';

type Finish = Extract<Decision, { kind: 'finish' }>;

/** Values of one config on the fresh seeds, in their order, and of its whole training on those of the search; null for a run without one. */
export type FreshResult = { config: number; values: readonly (number | null)[]; earlier: readonly (number | null)[] };

type Complete = { config: number; values: number[]; mean: number; earlier: readonly (number | null)[] };

/** Half the width of the interval of a difference at level 1 - alpha / comparisons, by the variance around config + seed of all rows. */
function halfWidth(rows: readonly (readonly number[])[], alpha: number): number {
  const [configs, n] = [rows.length, rows[0]?.length ?? 0];
  const { noise } = raceLook(rows);
  if (noise === null) return Number.NaN;
  return studentCritical(alpha / (configs - 1), (configs - 1) * (n - 1)) * noise * Math.sqrt(2 / n);
}

/** The best by its mean over every seed that all candidates have, without the fresh one at `except`; of equals the first. */
function bestOf(candidates: readonly Complete[], direction: 1 | -1, except?: number): Complete | undefined {
  const common = candidates[0]?.earlier
    .map((_, i) => i)
    .filter((i) => candidates.every((one) => one.earlier[i] !== null));
  const scoreOf = ({ values, earlier }: Complete): number =>
    direction * mean([...values.filter((_, i) => i !== except), ...(common ?? []).flatMap((i) => earlier[i] ?? [])]);
  let best: { candidate: Complete; score: number } | undefined;
  for (const candidate of candidates) {
    const score = scoreOf(candidate);
    if (!best || score > best.score) best = { candidate, score };
  }
  return best?.candidate;
}

/**
 * The winner and what is reported. All seeds choose the winner. What is expected of it is the mean over the fresh seeds of what wins by all others: a value that takes part
 * in choosing would flatter (cross-validation of the choice; Varma and Simon, "Bias in error estimation when using cross-validation for model selection", 2006).
 * Verdicts are one look at a number of fresh seeds that was planned: t tests, corrected for the number of comparisons, so they hold whichever wins.
 */
export function confirmed(
  fresh: readonly FreshResult[],
  {
    baseline,
    direction,
    alpha,
    margin,
  }: { baseline: number | null; direction: 1 | -1; alpha: number; margin: number | null },
): { winner: number | null; expected: number | null; rows: Finish['rows'] } {
  const complete = fresh.flatMap(({ config, values, earlier }): Complete[] => {
    const known = values.flatMap((value) => (value === null ? [] : [value]));
    return known.length === values.length ? [{ config, values: known, mean: mean(known), earlier }] : [];
  });
  const half = halfWidth(
    complete.map(({ values }) => values),
    alpha,
  );
  const against = complete.find(({ config }) => config === baseline);
  const others = complete.filter(({ config }) => config !== baseline);
  const candidates = others.length > 0 || !against ? others : [against];
  const leading = bestOf(candidates, direction);
  const expected = leading?.values.map((_, seed) => bestOf(candidates, direction, seed)!.values[seed]!);
  const rows = fresh.map(({ config, values }): Finish['rows'][number] => {
    const own = complete.find((row) => row.config === config);
    const row = { config, seeds: values.length, mean: own?.mean ?? null, difference: null, half: null };
    if (!own) return { ...row, verdict: 'failed' };
    if (config === baseline) return { ...row, verdict: 'baseline' };
    const other = against ?? (own === leading ? candidates.find((one) => one !== leading) : leading);
    if (!other || Number.isNaN(half)) return { ...row, verdict: 'undecided' };
    const difference = own.mean - other.mean;
    const gain = direction * difference;
    const isSame = margin !== null && Math.abs(difference) + half <= margin;
    const verdict = gain > half ? 'better' : gain < -half ? 'worse' : isSame ? 'same' : 'undecided';
    return { ...row, verdict, difference, half };
  });
  return { winner: leading?.config ?? null, expected: expected ? mean(expected) : null, rows };
}
