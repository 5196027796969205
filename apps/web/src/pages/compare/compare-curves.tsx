/** The curves of configs of any sweeps in one plot, each with the band of its seeds. */
import type { ConfigComparison, Curves as CurvesView } from '@ablate/contracts';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { curvesQuery } from '../../data/queries.ts';
import { Panel } from '../../parts/panel.tsx';
import { isRefused, Loading } from '../../parts/states.tsx';
import { seriesLook } from '../../plots/colors.ts';
import { type Curve, Curves } from '../../plots/curves.tsx';
import { CurveChoices, curveAxisTitle, curveFactor, curveFormat, useCurveChoice } from '../sweep/curve-choices.tsx';
import css from './compare-page.module.css';
import { looksOf } from './looks.ts';

type Config = CurvesView['configs'][number];

/** The configs of a comparison that have points, in its order. */
const inOrder = ({ rows }: ConfigComparison, found: readonly (CurvesView | undefined)[]): (Config | undefined)[] => {
  const configs = new Map(found.flatMap((curves) => curves?.configs ?? []).map((config) => [config.configId, config]));
  return rows.map(({ configId }) => configs.get(configId));
};

export default function CompareCurves({ comparison }: { comparison: ConfigComparison }) {
  const choice = useCurveChoice();
  const sweeps = Map.groupBy(comparison.rows, ({ sweep }) => sweep.id);
  const asked = [...sweeps].map(([id, rows]) =>
    curvesQuery(id, {
      ...choice,
      configs: rows
        .filter(({ n, unfinished }) => n + unfinished > 0)
        .map(({ configId }) => configId)
        .join(','),
    }),
  );
  const results = useQueries({ queries: asked });
  const found = results.map(({ data }) => data);
  const metrics = [...new Set(found.flatMap((curves) => curves?.metrics ?? []))].sort();
  // The results are new objects in every render; what they hold is not.
  const stamp = results.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp stands for the results
  const curves = useMemo((): Curve[] => {
    const looks = looksOf(comparison);
    return inOrder(comparison, found).flatMap((config, i) => {
      const row = comparison.rows[i];
      if (!config || !row) return [];
      return [
        {
          name: row.name,
          ...seriesLook(looks[i] ?? 0),
          points: config.points.map(({ x, mean, min, max, n }) => ({ x, y: mean, low: min, high: max, n })),
        },
      ];
    });
  }, [comparison, stamp]);
  const together = (): CurvesView => ({
    ...{ metric: choice.metric, x: choice.x, metrics, omitted: 0 },
    configs: inOrder(comparison, found).flatMap((config, i) =>
      config
        ? [{ ...config, name: comparison.rows[i]?.name ?? config.name, position: looksOf(comparison)[i] ?? i }]
        : [],
    ),
  });
  const refused = results.find(({ error }) => isRefused(error))?.error;
  const ids = comparison.rows.map(({ configId }) => `'${configId}'`).join(', ');
  return (
    <Panel
      title="Curves"
      anchor="curves"
      explains="Mean over the seeds of each config; the band reaches from the least to the greatest."
      file="compare-curves"
      picture={
        curves.length > 0
          ? async () =>
              (await import('../sweep/pictures.ts')).curvesPicture(together(), {
                title: choice.metric,
                xLabel: curveAxisTitle(choice.x),
                format: curveFormat(choice.metric),
                factor: curveFactor(choice.metric),
              })
          : null
      }
      table={({ curves: table }) => table(together())}
      sql={`select r.axes, r.seed, c.* from curves c join runs r using (run) where r.config_id in (${ids}) and c.metric = '${choice.metric}'`}
    >
      <CurveChoices choice={choice} metrics={metrics} />
      {results.some(({ isPending }) => isPending) && <Loading what="curves" />}
      {refused && <p className={css.lead}>{refused.message}</p>}
      {curves.length > 0 && (
        <Curves
          title={choice.metric}
          xLabel={curveAxisTitle(choice.x)}
          yLabel={choice.metric}
          format={curveFormat(choice.metric)}
          factor={curveFactor(choice.metric)}
          curves={curves}
          height={320}
        />
      )}
    </Panel>
  );
}
