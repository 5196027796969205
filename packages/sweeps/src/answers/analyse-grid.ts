/** What the axes of a grid do: the rows of the tables `effect` and `interaction`. */
import { canonicalJson } from '@ablate/contracts';
import { balancedPart, factorialAnova, type GridResult, mean } from '@ablate/statistics';
import { type Cells, type ConfigRow, finite, type MetricName } from './rows.ts';

/** Rows of the tables `effect` and `interaction`: the ANOVA of the balanced part of a grid over the axes that vary in it. */
export function analyseGrid(configs: readonly ConfigRow[], cells: Cells, base: ConfigRow, metric: MetricName) {
  const nothing = { effects: [], interactions: [] };
  const levelsOf = ({ axes }: ConfigRow): Record<string, string> =>
    Object.fromEntries(Object.entries(axes).map(([path, value]) => [path, canonicalJson(value)]));
  const all = configs.flatMap((config): GridResult[] => {
    const levels = levelsOf(config);
    const cell = cells.get(config.id);
    return cell?.seeds.map((seed, i) => ({ levels, seed, value: cell.values[i] ?? Number.NaN })) ?? [];
  });
  const named = [...new Set(configs.flatMap(({ axes }) => Object.keys(axes)))];
  const { results, seeds } = balancedPart(all, named);
  if (results.length === 0) return nothing;
  const axes = named.filter((axis) => new Set(results.map(({ levels }) => levels[axis])).size > 1);
  if (axes.length === 0) return nothing;

  const chosen = levelsOf(base);
  const references = Object.fromEntries(
    axes.flatMap((axis) => {
      const level = chosen[axis];
      return level !== undefined && results.some(({ levels }) => levels[axis] === level) ? [[axis, level]] : [];
    }),
  );
  const { terms, effects } = factorialAnova(results, axes, { references });
  const residualFreedom = terms.find(({ kind }) => kind === 'residual')?.freedom ?? 0;
  const grand = mean(results.map(({ value }) => value));
  const common = { metric, residual_freedom: residualFreedom, results: results.length };

  return {
    effects: Object.entries(effects).flatMap(([axis, levels]) => {
      const term = terms.find(({ kind, axes: [of] }) => kind === 'main' && of === axis);
      const reference = references[axis] ?? levels[0]?.level;
      return levels.map(({ level, mean: average, difference }, position) => ({
        ...common,
        axis,
        position,
        level: JSON.parse(level) as unknown,
        reference: level === reference,
        mean: average,
        difference: finite(difference?.mean),
        half: finite(difference?.half),
        p: finite(difference?.p),
        axis_f: finite(term?.f),
        axis_freedom: term?.freedom ?? 0,
        axis_p: finite(term?.p),
        seeds,
      }));
    }),
    interactions: terms
      .filter(({ kind }) => kind === 'interaction')
      .flatMap(({ axes: [a = '', b = ''], f, freedom, p }) => {
        const sums = new Map<string, { sum: number; count: number }>();
        for (const { levels, value } of results) {
          const key = `${levels[a]}\n${levels[b]}`;
          const found = sums.get(key) ?? { sum: 0, count: 0 };
          sums.set(key, { sum: found.sum + value, count: found.count + 1 });
        }
        return (effects[a] ?? []).flatMap((one, i) =>
          (effects[b] ?? []).map((other, j) => {
            const { sum, count } = sums.get(`${one.level}\n${other.level}`) ?? { sum: Number.NaN, count: 1 };
            return {
              ...common,
              axis_a: a,
              axis_b: b,
              position: i * (effects[b]?.length ?? 0) + j,
              level_a: JSON.parse(one.level) as unknown,
              level_b: JSON.parse(other.level) as unknown,
              mean: sum / count,
              deviation: sum / count - one.mean - other.mean + grand,
              f: finite(f),
              freedom,
              p: finite(p),
            };
          }),
        );
      }),
  };
}
