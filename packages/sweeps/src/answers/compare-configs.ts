/** Every config of a sweep against its baseline: the rows of the table `comparison`. */
import { directionOf, marginOf, type Values } from '@ablate/answers';
import type { Compare } from '@ablate/contracts';
import { mean, pairedDifferences, type SweepResult, sweepVerdict } from '@ablate/statistics';
import { type ConfigRow, finite, METRICS, type MetricName } from './rows.ts';

const NONE: ReadonlyMap<number, number> = new Map();

/** As the answer of the API judges them: value × direction, with the margin of the spec. */
export function compareConfigs(
  configs: readonly ConfigRow[],
  values: Values,
  { baseline, compare, metric }: { baseline: string; compare: Compare; metric: MetricName },
) {
  const direction = directionOf(METRICS[metric]);
  const margin = marginOf({ compare }, METRICS[metric]);
  const results = configs.flatMap(({ id }): SweepResult[] => {
    const found = values.get(id);
    if (!found || found.size === 0) return [{ config: id, seed: -1, value: null }];
    return [...found].map(([seed, value]) => ({ config: id, seed, value: direction * value }));
  });
  return sweepVerdict(results, { baseline, ...(margin === null ? {} : { margin }) }).rows.map((row) => {
    const of = values.get(row.config) ?? NONE;
    const differences = row.config === baseline ? [] : pairedDifferences(of, values.get(baseline) ?? NONE);
    return {
      config_id: row.config,
      metric,
      baseline_id: baseline,
      verdict: row.verdict,
      pairs: differences.length,
      difference: differences.length === 0 ? null : finite(mean(differences)),
      half: finite(row.paired?.half),
      p: finite(row.paired?.p),
      pooled_difference: row.pooled && finite(direction * row.pooled.mean),
      pooled_half: finite(row.pooled?.half),
      pooled_p: finite(row.pooled?.p),
      holm_p: finite(row.pooled?.adjusted),
      guarded_holm_p: finite(row.guarded?.adjusted),
      detectable: finite(row.undecided?.detectable),
      seeds_needed: row.undecided?.seeds.observed ?? null,
      margin,
    };
  });
}
