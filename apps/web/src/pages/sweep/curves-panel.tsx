import type { Answer } from '@ablate/contracts';
import { SERIES } from '@ablate/plots';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { curvesQuery } from '../../data/queries.ts';
import { plural } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { seriesLook } from '../../plots/colors.ts';
import { type Curve, Curves } from '../../plots/curves.tsx';
import { CurveChoices, curveAxisTitle, curveFactor, curveFormat, useCurveChoice } from './curve-choices.tsx';
import css from './curves-panel.module.css';

/** A metric over training: the mean of each config's seeds, and the band from the least to the greatest. */
export function CurvesPanel({ answer }: { answer: Answer }) {
  const choice = useCurveChoice();
  const { metric, x } = choice;
  const { id } = answer.sweep;
  const { data, error, isPending, refetch } = useQuery(curvesQuery(id, { metric, x }));
  const curves = useMemo(
    (): Curve[] =>
      (data?.configs ?? []).map(({ name, position, points }) => ({
        name,
        ...seriesLook(position),
        points: points.map(({ x: at, mean, min, max, n }) => ({ x: at, y: mean, low: min, high: max, n })),
      })),
    [data],
  );
  const fewer = data?.configs.filter(({ seeds, points }) => points.some(({ n }) => n < seeds)) ?? [];
  return (
    <Panel
      title="Curves"
      explains="Mean over the seeds of each config; the band reaches from the least to the greatest."
      file={`curves-${id.slice(0, 8)}`}
      sql={`select r.axes, r.seed, c.* from curves c join runs r using (run) where r.sweep_id = '${id}' and c.metric = '${metric}'`}
      anchor="curves"
      picture={
        data && curves.length > 0
          ? async () =>
              (await import('./pictures.ts')).curvesPicture(data, {
                title: `${answer.sweep.name}: ${metric}`,
                xLabel: curveAxisTitle(x),
                format: curveFormat(metric),
                factor: curveFactor(metric),
              })
          : null
      }
      table={data && (({ curves: table }) => table(data))}
    >
      <CurveChoices choice={choice} metrics={data?.metrics ?? []} />
      {isPending && <Loading what="curves" />}
      {error && <Failed error={error} what="curves" retry={() => void refetch()} />}
      {data && curves.length === 0 && <p className={css.note}>No values yet: they come at the end of each epoch.</p>}
      {curves.length > 0 && (
        <Curves
          title={metric}
          xLabel={curveAxisTitle(x)}
          yLabel={metric}
          format={curveFormat(metric)}
          factor={curveFactor(metric)}
          curves={curves}
          height={320}
        />
      )}
      {fewer.length > 0 && (
        <p className={css.note}>
          Not every seed reaches the end of the line:{' '}
          {fewer
            .map(({ name, seeds, points }) => `${name}, ${points.at(-1)?.n ?? 0} of ${plural(seeds, 'seed')}`)
            .join('; ')}
          .
        </p>
      )}
      {data?.configs.some(({ position }) => position >= SERIES.length) && (
        <p className={css.note}>
          Colours are those of the table. From the ninth config on they come again, with a broken line and another
          shape.
        </p>
      )}
      {data && data.omitted > 0 && (
        <p className={css.note}>
          {plural(data.omitted, 'config')} more: those with the best validation accuracy are shown.
        </p>
      )}
    </Panel>
  );
}
