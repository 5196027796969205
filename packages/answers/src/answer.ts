/** The answer of a sweep from its rows. Pure: the API computes it for requests, tests and pages from anything. */
import {
  type Answer,
  type AnswerMetric,
  type AnswerRow,
  type Compare,
  DEFAULT_MARGIN,
  isDrawn,
  RunState,
} from '@ablate/contracts';
import { estimate } from '@ablate/statistics';
import { axisNames, axisTexts, formatPoint, varyingAxes } from './axes.ts';
import { beyondNoise, type Compared, compareConfigs, type Direction, directionOf } from './comparisons.ts';
import { answerGrids } from './grids.ts';
import type { Facts } from './headline/facts.ts';
import { headline, verdictLine } from './headline/headline.ts';
import { axisImportance } from './importance.ts';
import { type AnswerConfig, type AnswerInput, meansOf, type Values } from './input.ts';
import { paretoFronts } from './pareto.ts';
import { undecided } from './undecided.ts';

/** What the intervals of every answer cover. */
const COVERS = 'over initialisation, order and augmentation; one split';

const MAX_TIES = 100;

/** The margin of a spec for a metric: that of the spec if it is for this metric, else the default of accuracy. */
export function marginOf({ compare }: { compare: Compare }, metric: AnswerMetric): number | null {
  if (compare.margin !== undefined && compare.metric === metric) return compare.margin;
  return metric === 'accuracy' ? DEFAULT_MARGIN : null;
}

/** The values of a config on the given axes. */
const onAxes = (axes: Record<string, unknown>, kept: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(kept.flatMap((path) => (Object.hasOwn(axes, path) ? [[path, axes[path]]] : [])));

type Means = ReadonlyMap<string, number>;

/** Configs by mean, best first; those without a result last, by position. */
const byMean = (configs: readonly AnswerConfig[], means: Means, direction: Direction): AnswerConfig[] =>
  configs.toSorted((a, b) => {
    const [x, y] = [means.get(a.id), means.get(b.id)];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined) || a.position - b.position;
    return direction * (y - x) || a.position - b.position;
  });

/** The best config, and which others cannot be told from it. */
function bestOf(ranked: readonly AnswerConfig[], values: Values, compared: Compared): Answer['best'] {
  const [best, ...others] = ranked.filter(({ id }) => (values.get(id)?.size ?? 0) > 0);
  if (best === undefined || others.length === 0) return null;
  const differ = beyondNoise(
    others.map(({ id }) => [best.id, id] as const),
    values,
    compared,
  );
  const ties = others.filter((_, i) => !differ[i]).map(({ id }) => id);
  return { configId: best.id, beyondNoise: ties.length === 0, ties: ties.slice(0, MAX_TIES) };
}

/** The whole answer. O(results log results), and what `sweepVerdict` and `factorialAnova` need. */
export function buildAnswer(input: AnswerInput): Answer {
  const { sweep, spec, configs, values, metric, split, counts } = input;
  const direction = directionOf(metric);
  const margin = marginOf(spec, metric);
  const axes = varyingAxes(configs);
  const baseline = input.baseline === null ? null : (configs.find(({ id }) => id === input.baseline?.id) ?? null);
  const compared: Compared =
    baseline === null
      ? { comparisons: new Map(), noise: null, luck: null }
      : compareConfigs(
          configs.map(({ id }) => id),
          values,
          {
            baseline: baseline.id,
            planned: spec.seeds.length,
            direction,
            margin,
            ...(input.disagreements ? { disagreements: input.disagreements } : {}),
          },
        );
  const text = axisTexts(configs);
  const nameOf = ({ axes: of }: AnswerConfig) => formatPoint(onAxes(of, axes), { text });
  const random = isDrawn(spec.search);
  const means = meansOf(values);
  const ranked = byMean(configs, means, direction);
  const bestFirst = random || configs.length > input.limit;
  const first = (bestFirst ? ranked : configs).slice(0, input.limit);
  const shown = baseline === null || first.includes(baseline) ? first : [...first.slice(0, -1), baseline];
  const rows = shown.map((config): AnswerRow => {
    const found = [...(values.get(config.id) ?? [])].sort(([a], [b]) => a - b);
    const of = estimate(found.map(([, value]) => value));
    const { id, position, hash, fork, macs, parameters, deviceSeconds, unfinished, failed, pruned } = config;
    return {
      ...{ configId: id, position, hash, name: nameOf(config), axes: onAxes(config.axes, axes), fork },
      ...{ baseline: config === baseline, n: of?.n ?? 0, mean: of?.mean ?? null, sd: of?.sd ?? null },
      values: found.map(([seed, value]) => ({ seed, value })),
      ...{ macs, parameters, deviceSeconds, unfinished, failed, pruned },
      comparison: compared.comparisons.get(id) ?? null,
    };
  });
  const names = axisNames(axes);
  const withResult = configs.filter(({ id }) => means.has(id)).length;
  const answer: Facts['answer'] = {
    sweep,
    status: counts.queued + counts.running > 0 ? 'provisional' : 'final',
    runs: { total: RunState.options.reduce((sum, state) => sum + counts[state], 0), ...counts },
    metric,
    split,
    better: direction > 0 ? 'higher' : 'lower',
    margin,
    search: spec.search.method,
    baseline: baseline && { configId: baseline.id, position: baseline.position, name: nameOf(baseline) },
    axes: axes.map((path, i) => ({ path, name: names[i] ?? path })),
    configs: configs.length,
    order: bestFirst ? 'best first' : 'position',
    omitted: configs.length - rows.length,
    rows,
    best: bestOf(ranked, values, compared),
    noise: compared.noise,
    luck: compared.luck === null || withResult < 2 ? null : { configs: withResult, lead: compared.luck },
    grids: random ? [] : answerGrids(configs, values, { baseline, direction, margin }),
    importance: random ? axisImportance(configs, means, { axes, space: spec.space, direction }) : null,
    pareto: paretoFronts(configs, values, {
      means,
      direction,
      compared,
      shown: new Set(shown.map(({ id }) => id)),
    }),
    cost: input.cost,
    undecided: undecided({ compared, configs, values, margin, cost: input.cost }),
    failures: [...input.failures],
    covers: COVERS,
    notes: [...input.notes],
  };
  const { found: baselineFound = true, mostSeeds: baselineByMostSeeds = false } = input.baseline ?? {};
  const { comparisons } = compared;
  const facts = { answer, configs, values, means, text, comparisons, baselineFound, baselineByMostSeeds };
  return { ...answer, headline: headline(facts), verdict: verdictLine(facts) };
}
