/** All configs of a sweep at once: which values of the axes do good results have? */
import type { Answer, SweepPoints } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { pointsQuery } from '../../data/queries.ts';
import { axisName, count, plural } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import {
  axisOf,
  type Brushes,
  brief,
  type Dimension,
  HEIGHT,
  keptLines,
  readBrushes,
  spansDecades,
  writeBrushes,
} from '../../plots/parallel/axes.ts';
import { Parallel } from '../../plots/parallel/parallel.tsx';
import { Link } from '../../router/link.tsx';
import { changeSearch, useParameter } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { type Figures, figuresOf } from './figures.ts';
import css from './parallel-panel.module.css';
import { pointsStatement } from './statements.ts';

const MEAN = 'mean';
/** Rows of the table: the best of the lines that are kept. */
const TABLE_ROWS = 50;

/** The means as the page shows them: accuracy in percent. */
const inUnits = ({ mean, metric }: SweepPoints): (number | null)[] =>
  metric === 'accuracy' ? mean.map((value) => (value === null ? null : 100 * value)) : mean;

/** The varying axes, what differs in cost, and the figure last. */
function dimensionsOf(points: SweepPoints, figures: Figures): Dimension[] {
  const own = (key: string, title: string, values: Dimension['values'], format: Dimension['format']): Dimension => ({
    ...{ key, title, values, format, labels: null },
    decades: spansDecades(values),
  });
  const differs = (values: readonly (number | null)[]) => new Set(values).size > 1;
  return [
    ...points.axes.map(({ path, labels, values }) => ({ ...own(path, axisName(path), values, brief), labels })),
    ...(differs(points.macs) ? [own('macs', 'MACs', points.macs, brief)] : []),
    { ...own(MEAN, figures.title, inUnits(points), (value) => value.toFixed(2)), decades: false },
  ];
}

/** Changes the scale of an axis, in the address. */
function flip(key: string): void {
  const next = readFlipped(new URLSearchParams(window.location.search).get('scale'));
  if (!next.delete(key)) next.add(key);
  changeSearch({ scale: [...next].join(';') || undefined }, { replace: true });
}

const readFlipped = (text: string | null): Set<string> => new Set((text ?? '').split(';').filter(Boolean));

/** The sign with which a mean is better the greater it is. */
const direction = ({ metric }: SweepPoints): 1 | -1 => (metric === 'loss' ? -1 : 1);

/** How many lines are kept, and the best mean of theirs; null without a result. */
function summaryOf(points: SweepPoints, kept: Uint8Array): { lines: number; best: number | null } {
  const sign = direction(points);
  let lines = 0;
  let best: number | null = null;
  for (let i = 0; i < kept.length; i++) {
    if (kept[i] !== 1) continue;
    lines++;
    const mean = points.mean[i] ?? null;
    if (mean !== null && (best === null || sign * (mean - best) > 0)) best = mean;
  }
  return { lines, best };
}

/** Lines that are kept and have a result, best first. */
function ranked(points: SweepPoints, kept: Uint8Array): number[] {
  const sign = direction(points);
  const lines = [...kept.keys()].filter((i) => kept[i] === 1 && points.mean[i] !== null);
  return lines.sort((a, b) => sign * ((points.mean[b] ?? 0) - (points.mean[a] ?? 0)));
}

function Kept({
  points,
  answer,
  dimensions,
  lines,
}: {
  points: SweepPoints;
  answer: Answer;
  dimensions: readonly Dimension[];
  lines: readonly number[];
}) {
  const textOf = ({ labels, values, format }: Dimension, line: number) => {
    const value = values[line] ?? null;
    return value === null ? '–' : labels ? labels[value] : format(value);
  };
  return (
    <Scroll label="Configs that are kept" className={css.scroll}>
      <table className={css.table} aria-rowcount={lines.length + 1}>
        <caption className="visually-hidden">The best of the configs that are kept</caption>
        <thead>
          <tr>
            <th scope="col">#</th>
            {dimensions.map(({ key, title }) => (
              <th scope="col" key={key}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, TABLE_ROWS).map((line) => (
            <tr key={line}>
              <th scope="row">
                <Link
                  href={to.compare([
                    `${answer.sweep.id}:${answer.baseline?.position ?? 0}`,
                    `${answer.sweep.id}:${points.positions[line]}`,
                  ])}
                  title="compare with the baseline"
                >
                  {points.positions[line]}
                </Link>
              </th>
              {dimensions.map((dimension) => (
                <td key={dimension.key}>
                  <bdi>{textOf(dimension, line)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > TABLE_ROWS && (
        <p className={css.note}>
          The best {TABLE_ROWS} of {count(lines.length)}: CSV has all.
        </p>
      )}
    </Scroll>
  );
}

export function ParallelPanel({ answer }: { answer: Answer }) {
  const [asTable, setAsTable] = useState(false);
  // While a reader drags, the address waits.
  const [dragged, setDragged] = useState<Brushes | null>(null);
  const { id } = answer.sweep;
  const { data, error, isPending, refetch } = useQuery(pointsQuery(id, { metric: answer.metric, split: answer.split }));
  const figures = figuresOf(answer);
  const written = useParameter('brush');
  const brushes = useMemo(() => dragged ?? readBrushes(written), [dragged, written]);
  const scales = useParameter('scale');
  const flipped = useMemo(() => readFlipped(scales), [scales]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the figures follow from the data
  const dimensions = useMemo(() => (data ? dimensionsOf(data, figures) : []), [data]);
  const lines = data?.positions.length ?? 0;
  const kept = useMemo(() => keptLines(dimensions, brushes, lines), [dimensions, brushes, lines]);
  const summary = data ? summaryOf(data, kept) : { lines: 0, best: null };
  const best = summary.best === null ? '' : `, the best ${figures.value(summary.best)}`;
  const sentence = `${plural(lines, 'config')} over ${dimensions.map(({ title }) => title).join(', ')}; ${count(summary.lines)} kept${best}.`;
  const commit = (next: Brushes) => changeSearch({ brush: writeBrushes(next) }, { replace: true });
  const picture = async () => {
    const { parallel } = await import('@ablate/plots');
    const axes = dimensions.map((dimension) => axisOf(dimension, dimension.decades !== flipped.has(dimension.key)));
    return parallel({
      title: answer.sweep.name,
      height: HEIGHT,
      axes: axes.map(({ dimension, ticks, missing, at }) => ({
        title: dimension.title,
        ticks: missing ? [...ticks, { y: at(null), text: 'none' }] : ticks,
      })),
      lines: Array.from({ length: lines }, (_, i) => axes.map((axis) => axis.at(axis.dimension.values[i] ?? null))),
      kept: Array.from(kept, (one) => one === 1),
    });
  };
  return (
    <Panel
      title="Parallel coordinates"
      anchor="parallel"
      explains="Each line is a config: through its values on the axes, to its mean. None: the config does not have the axis, or no result yet."
      file={`parallel-${id.slice(0, 8)}`}
      picture={data ? picture : null}
      table={data && (({ points }) => points(data, kept))}
      sql={pointsStatement(answer)}
    >
      {isPending && <Loading what="configs" />}
      {error && !data && <Failed error={error} what="configs" retry={() => void refetch()} />}
      {data && (
        <>
          <div className={css.head}>
            <p role="status">
              {brushes.size === 0
                ? plural(lines, 'config')
                : `${count(summary.lines)} of ${plural(lines, 'config')} kept`}
              {best}
            </p>
            {brushes.size > 0 && (
              <button type="button" onClick={() => commit(new Map())}>
                Keep all
              </button>
            )}
            <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              {asTable ? 'Hide the table' : 'Show as table'}
            </button>
          </div>
          <Parallel
            dimensions={dimensions}
            lines={lines}
            kept={kept}
            brushes={brushes}
            onBrush={(next, done) => {
              setDragged(done ? null : next);
              if (done) commit(next);
            }}
            flipped={flipped}
            onFlip={flip}
            label={sentence}
          />
          {asTable && <Kept points={data} answer={answer} dimensions={dimensions} lines={ranked(data, kept)} />}
        </>
      )}
    </Panel>
  );
}
