/** Which configs are worth their cost. */
import { CostKind, type ParetoView } from '@ablate/contracts';
import { paretoFront } from '@ablate/statistics';
import { beyondNoise, type Compared, type Direction } from './comparisons.ts';
import type { AnswerConfig, Values } from './input.ts';

type Options = {
  means: ReadonlyMap<string, number>;
  direction: Direction;
  compared: Compared;
  shown: ReadonlySet<string>;
};

/** The front of one cost, and the configs with a row that it dominates. Null with fewer than two different costs. */
function front(
  cost: CostKind,
  configs: readonly AnswerConfig[],
  values: Values,
  { means, direction, compared, shown }: Options,
): ParetoView | null {
  const points = configs.flatMap((config) => {
    const found = means.get(config.id);
    const price = config[cost];
    if (price === null || found === undefined) return [];
    return [{ id: config.id, cost: price, value: direction * found }];
  });
  if (new Set(points.map((point) => point.cost)).size < 2) return null;
  const kept = new Set(paretoFront(points));
  const byCost = points.map((point, i) => ({ ...point, front: kept.has(i) })).sort((a, b) => a.cost - b.cost);
  // The best config that costs no more is the last of the front that costs no more.
  let last: { id: string; cost: number } | null = null;
  const fronts = byCost.filter((point) => point.front);
  let next = 0;
  const listed = byCost.flatMap((point) => {
    for (let one = fronts[next]; one && one.cost <= point.cost; one = fronts[++next]) last = one;
    const by: string | null = point.front || last === null ? null : last.id;
    return point.front || shown.has(point.id) ? [{ ...point, by }] : [];
  });
  const pairs = listed.flatMap(({ id, by }) => (by === null ? [] : [[id, by] as const]));
  const differ = beyondNoise(pairs, values, compared);
  const beyond = new Set(pairs.flatMap(([id], i) => (differ[i] ? [id] : [])));
  return {
    cost,
    points: listed.map(({ id, cost: price, value, by }) => ({
      configId: id,
      cost: price,
      value: direction * value,
      status: by === null ? 'front' : beyond.has(id) ? 'dominated-beyond-noise' : 'dominated',
      by,
    })),
  };
}

/** The fronts of multiply-accumulates, parameters and device seconds, as far as configs differ in them. */
export const paretoFronts = (configs: readonly AnswerConfig[], values: Values, options: Options): ParetoView[] =>
  CostKind.options.flatMap((cost) => front(cost, configs, values, options) ?? []);
