import type { Answer } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { curvesQuery } from '../../data/queries.ts';
import { count, percent, plural } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { seriesColor } from '../../plots/colors.ts';
import { type Curve, Curves } from '../../plots/curves.tsx';
import { useSearch } from '../../router/location.ts';
import css from './curves-panel.module.css';

const AXES = { epoch: 'epoch', step: 'step', samples: 'images seen', time: 'device time, s' } as const;
type X = keyof typeof AXES;
const isX = (text: string | null): text is X => text !== null && Object.hasOwn(AXES, text);

const formatOf = (metric: string) =>
  metric.endsWith('accuracy')
    ? percent
    : (value: number) => (Math.abs(value) >= 100 ? count(Math.round(value)) : value.toPrecision(3));

/** A metric over training: the mean of each config's seeds, and the band from the least to the greatest. */
export function CurvesPanel({ answer }: { answer: Answer }) {
  const [search, change] = useSearch();
  const metric = search.get('curve') ?? 'val/accuracy';
  const wanted = search.get('x');
  const x = isX(wanted) ? wanted : 'epoch';
  const { id } = answer.sweep;
  const { data, error, isPending, refetch } = useQuery(curvesQuery(id, { metric, x }));
  const curves = useMemo(
    (): Curve[] =>
      (data?.configs ?? []).map(({ name, position, points }) => ({
        name,
        color: seriesColor(position),
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
      sql={`select r.axes, r.seed, c.* from curves c join runs r using (run) where r.sweep_id = '${id}'`}
      anchor="curves"
      picture={
        data && curves.length > 0
          ? async () =>
              (await import('./pictures.ts')).curvesPicture(data, {
                title: `${answer.sweep.name}: ${metric}`,
                xLabel: AXES[x],
                format: formatOf(metric),
              })
          : null
      }
      table={data && (({ curves: table }) => table(data))}
    >
      <div className={css.choices}>
        <label>
          Figure{' '}
          <select value={metric} onChange={({ target }) => change({ curve: target.value })}>
            {[...new Set([metric, ...(data?.metrics ?? [])])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          over{' '}
          <select value={x} onChange={({ target }) => change({ x: target.value })}>
            {Object.entries(AXES).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {isPending && <Loading what="curves" />}
      {error && <Failed error={error} what="curves" retry={() => void refetch()} />}
      {data && curves.length === 0 && <p className={css.note}>No values yet: they come at the end of each epoch.</p>}
      {curves.length > 0 && (
        <Curves
          title={metric}
          xLabel={AXES[x]}
          yLabel={metric}
          format={formatOf(metric)}
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
      {data && data.omitted > 0 && (
        <p className={css.note}>
          {plural(data.omitted, 'config')} more: those with the best validation accuracy are shown.
        </p>
      )}
    </Panel>
  );
}
