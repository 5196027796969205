/** What the axes of a sweep's grids do: the rows of the tables `effect` and `interaction`. */
import { answerGrids, directionOf, marginOf, type Values } from '@ablate/answers';
import type { Compare, GridView, IntervalView } from '@ablate/contracts';
import { type ConfigRow, METRICS, type MetricName } from './rows.ts';

const half = (interval: IntervalView | null): number | null => interval && (interval.high - interval.low) / 2;

/** Degrees of freedom of the residual of `factorialAnova`: what seeds, main effects and interactions of two axes leave. */
function residualFreedom({ configs, seeds, effects }: GridView): number {
  const levels = effects.map((effect) => effect.levels.length - 1);
  const pairs = levels.flatMap((one, i) => levels.slice(i + 1).map((other) => one * other));
  return configs * seeds.length - seeds.length - [...levels, ...pairs].reduce((sum, freedom) => sum + freedom, 0);
}

/** As the answer of the API analyses them; each grid has a number. */
export function analyseGrids(
  configs: readonly ConfigRow[],
  values: Values,
  { baseline, compare, metric }: { baseline: ConfigRow; compare: Compare; metric: MetricName },
) {
  const direction = directionOf(METRICS[metric]);
  const margin = marginOf({ compare }, METRICS[metric]);
  const rows = answerGrids(configs, values, { baseline, direction, margin }).map((grid, number) => {
    const results = grid.configs * grid.seeds.length;
    const common = { metric, grid: number + 1, residual_freedom: residualFreedom(grid), results };
    const levelsOf = (axis: string) => grid.effects.find((effect) => effect.axis === axis)?.levels ?? [];
    const levelOf = (axis: string, text: string | undefined): unknown =>
      levelsOf(axis).find((level) => level.text === text)?.value;
    return {
      effects: grid.effects.flatMap(({ axis, f, p, levels }) =>
        levels.map(({ value, mean, verdict, difference, pooled }, position) => ({
          ...common,
          axis,
          position,
          level: value,
          reference: verdict === 'baseline',
          mean,
          difference,
          half: half(pooled),
          p: pooled?.p ?? null,
          holm_p: pooled?.adjusted ?? null,
          verdict,
          axis_f: f,
          axis_freedom: levels.length - 1,
          axis_p: p,
          seeds: grid.seeds,
        })),
      ),
      interactions: grid.interactions.flatMap(({ axes: [a = '', b = ''], f, p, adjusted, beyondNoise, cells }) =>
        (cells ?? []).map(({ levels: [one, other], mean, excess }, position) => ({
          ...common,
          axis_a: a,
          axis_b: b,
          position,
          level_a: levelOf(a, one),
          level_b: levelOf(b, other),
          mean,
          deviation: excess,
          f,
          freedom: (levelsOf(a).length - 1) * (levelsOf(b).length - 1),
          p,
          holm_p: adjusted,
          beyond_noise: beyondNoise,
        })),
      ),
    };
  });
  return {
    effects: rows.flatMap(({ effects }) => effects),
    interactions: rows.flatMap(({ interactions }) => interactions),
  };
}
