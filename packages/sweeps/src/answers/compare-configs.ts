/** Every config of a sweep against its baseline: the rows of the table `comparison`. */
import { canonicalJson } from '@ablate/contracts';
import { mean, pairedDifferences, sweepVerdict, type Verdict } from '@ablate/statistics';
import { type Cells, type ConfigRow, finite, METRICS, type MetricName } from './rows.ts';

const OPPOSITE: Partial<Record<Verdict, Verdict>> = { better: 'worse', worse: 'better' };

/** The config whose axes have the values of `baseline`; the first if there is none. */
export function baselineOf(configs: readonly ConfigRow[], baseline: Record<string, unknown> | undefined): ConfigRow {
  const wanted = Object.entries(baseline ?? {});
  const found = configs.find(
    ({ axes }) =>
      wanted.length > 0 && wanted.every(([path, value]) => canonicalJson(axes[path]) === canonicalJson(value)),
  );
  const chosen = found ?? configs[0];
  if (chosen === undefined) throw new Error('a sweep without configs has no baseline');
  return chosen;
}

/** A row of the table `comparison` for each config. */
export function compareConfigs(configs: readonly ConfigRow[], cells: Cells, base: ConfigRow, metric: MetricName) {
  const { margin, sign } = METRICS[metric];
  const results = configs.flatMap(({ id }) => {
    const cell = cells.get(id);
    return cell === undefined
      ? [{ config: id, seed: 0, value: null }]
      : cell.seeds.map((seed, i) => ({ config: id, seed, value: cell.values[i] ?? null }));
  });
  const bySeed = (id: string) => {
    const cell = cells.get(id);
    return new Map(cell?.seeds.map((seed, i) => [seed, cell.values[i] ?? Number.NaN]));
  };
  const baseline = bySeed(base.id);
  return sweepVerdict(results, { baseline: base.id, ...(margin === undefined ? {} : { margin }) }).rows.map((row) => {
    const differences = row.config === base.id ? [] : pairedDifferences(bySeed(row.config), baseline);
    return {
      config_id: row.config,
      metric,
      baseline_id: base.id,
      verdict: sign > 0 ? row.verdict : (OPPOSITE[row.verdict] ?? row.verdict),
      pairs: differences.length,
      difference: differences.length === 0 ? null : finite(mean(differences)),
      half: finite(row.paired?.half),
      p: finite(row.paired?.p),
      pooled_difference: finite(row.pooled?.mean),
      pooled_half: finite(row.pooled?.half),
      pooled_p: finite(row.pooled?.p),
      holm_p: finite(row.pooled?.adjusted),
      guarded_holm_p: finite(row.guarded?.adjusted),
      detectable: finite(row.undecided?.detectable),
      seeds_needed: row.undecided?.seeds.observed ?? null,
      margin: margin ?? null,
    };
  });
}
