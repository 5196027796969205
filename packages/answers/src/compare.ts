/** Several configs side by side, of one sweep or of several. */
import type { AnswerMetric, AnswerRow, AnswerSplit, ComparisonView, ConfigComparison } from '@ablate/contracts';
import { estimate, VERDICT_WORDS } from '@ablate/statistics';
import { axisTexts, formatPoint } from './axes.ts';
import { type Compared, compareConfigs, directionOf } from './comparisons.ts';
import { decidedBy, deciderOfConfig } from './decided-by.ts';
import { comparisonWarnings, type Described, differencesOf } from './differences.ts';
import type { AnswerConfig, Values } from './input.ts';
import { level, plain, signedAmount } from './quantities.ts';

type ComparedConfig = { config: AnswerConfig; sweep: { id: string; name: string }; described: Described };

export type ComparisonInput = {
  /** The first is the baseline. */
  chosen: readonly ComparedConfig[];
  /** The values of every config whose variance is pooled: those of the sweep, or those of `chosen`. */
  values: Values;
  basis: ConfigComparison['basis'];
  /** Ids of all configs of the basis. */
  ids: readonly string[];
  planned: number;
  margin: number | null;
  metric: AnswerMetric;
  split: AnswerSplit;
  mcnemar: ConfigComparison['mcnemar'];
};

/** One sentence for a config. */
function sentenceOf(
  { comparison, name, mean }: AnswerRow,
  { base, metric, tests }: { base: AnswerRow; metric: AnswerMetric; tests: number },
): string {
  const against = `the baseline (${plain(base.name)})`;
  if (!comparison || mean === null || comparison.verdict === 'no-result')
    return `${plain(name)}: no seed in common with ${against}.`;
  const { difference, pooled, verdict, pairs } = comparison;
  const by = signedAmount(difference ?? 0, pooled === null ? null : (pooled.high - pooled.low) / 2, metric);
  const words: Record<ComparisonView['verdict'], string> = {
    ...VERDICT_WORDS,
    noise: `cannot be told from ${against}`,
    better: `is better than ${against}`,
    worse: `is worse than ${against}`,
    equivalent: `is the same as ${against} within the margin`,
    'no-noise-estimate': `has no estimate of noise against ${against}`,
  };
  const decider = deciderOfConfig(comparison);
  const why = decider === null ? '' : `; ${decidedBy(decider, tests)}`;
  return `${plain(name)} ${words[verdict]}: ${by} over ${pairs.used} ${pairs.used === 1 ? 'seed' : 'seeds'}${why}.`;
}

/** Configs against the first of them, and everything in which they differ. */
export function buildComparison(input: ComparisonInput): ConfigComparison {
  const { chosen, values, basis, ids, planned, margin, metric, split, mcnemar } = input;
  const direction = directionOf(metric);
  const [first] = chosen;
  const compared: Compared | null =
    first === undefined ? null : compareConfigs(ids, values, { baseline: first.config.id, planned, direction, margin });
  const text = axisTexts(chosen.map(({ config }) => config));
  const rows = chosen.map(({ config, sweep }): ConfigComparison['rows'][number] => {
    const found = [...(values.get(config.id) ?? [])].sort(([a], [b]) => a - b);
    const of = estimate(found.map(([, value]) => value));
    const { id, position, hash, axes, fork, macs, parameters, deviceSeconds, unfinished, failed, pruned } = config;
    return {
      ...{
        sweep,
        configId: id,
        position,
        hash,
        name: formatPoint(axes, { text }),
        axes,
        fork,
        baseline: id === first?.config.id,
      },
      ...{ n: of?.n ?? 0, mean: of?.mean ?? null, sd: of?.sd ?? null },
      values: found.map(([seed, value]) => ({ seed, value })),
      ...{ macs, parameters, deviceSeconds, unfinished, failed, pruned },
      comparison: compared?.comparisons.get(id) ?? null,
    };
  });
  const differences = differencesOf(chosen.map(({ described }) => described));
  const [base, ...others] = rows;
  const tests = [...(compared?.comparisons.values() ?? [])].filter(({ pooled }) => pooled !== null).length;
  const baseLine =
    base === undefined
      ? []
      : [`Baseline: ${plain(base.name)}${base.mean === null ? ', no result yet' : ` (${level(base.mean, metric)})`}.`];
  return {
    ...{ metric, split, better: direction > 0 ? 'higher' : 'lower', margin, basis, rows },
    headline: [...baseLine, ...others.flatMap((row) => (base ? [sentenceOf(row, { base, metric, tests })] : []))],
    warnings: comparisonWarnings(differences),
    differences,
    mcnemar,
  };
}
