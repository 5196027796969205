import type { MetricView } from '@ablate/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { allMetrics, metricsQuery } from '../../data/queries.ts';
import { percent } from '../../format/number.ts';
import { saveText } from '../../parts/download.ts';
import { Panel } from '../../parts/panel.tsx';
import { Loading } from '../../parts/states.tsx';
import { type Curve, Curves } from '../../plots/curves.tsx';
import css from './run-page.module.css';

const ACCURACY = [
  ['val/accuracy', 'validation', 'var(--series-0)'],
  ['train/accuracy', 'training', 'var(--series-1)'],
] as const;
const LOSS = [
  ['val/loss', 'validation', 'var(--series-0)'],
  ['train/loss', 'training, while it changes', 'var(--series-1)'],
] as const;

const lossText = (value: number): string => value.toPrecision(3);

const curvesOf = (metrics: readonly MetricView[], wanted: readonly (readonly [string, string, string])[]): Curve[] =>
  wanted.map(([metric, name, color]) => ({
    name,
    color,
    points: metrics.filter((point) => point.name === metric).map(({ epoch, value }) => ({ x: epoch, y: value })),
  }));

/** A row for each step, a column for each metric. */
function toCsv(metrics: readonly MetricView[]): string {
  const names = [...new Set(metrics.map(({ name }) => name))].sort();
  const rows = new Map<number, { epoch: number; values: Map<string, number | null> }>();
  for (const { name, step, epoch, value } of metrics) {
    const row = rows.get(step) ?? { epoch, values: new Map<string, number | null>() };
    row.values.set(name, value);
    rows.set(step, row);
  }
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, { epoch, values }]) => [step, epoch, ...names.map((name) => values.get(name) ?? '')]);
  return [['step', 'epoch', ...names], ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

/** Training and validation over the epochs, on one axis each; they grow while the run trains. */
export function RunCurves({ id, live, ended }: { id: string; live: boolean; ended: boolean }) {
  const { data: metrics } = useQuery(metricsQuery(id, live));
  const accuracy = useMemo(() => curvesOf(metrics ?? [], ACCURACY), [metrics]);
  const loss = useMemo(() => curvesOf(metrics ?? [], LOSS), [metrics]);
  const file = `curves-${id.slice(0, 8)}`;
  const save = useMutation({
    mutationFn: async () => saveText(`${file}.csv`, toCsv(await allMetrics(id)), 'text/csv'),
  });
  return (
    <Panel
      title="Curves"
      file={file}
      sql={`select name, step, epoch, value from curves where run = '${id}' order by name, step`}
      picture={null}
    >
      {!metrics && <Loading what="curves" />}
      {metrics?.length === 0 && (
        <p className={css.quiet}>
          {ended ? 'It ended within its first epoch.' : 'No values yet: they come at the end of each epoch.'}
        </p>
      )}
      {metrics && metrics.length > 0 && (
        <>
          <div className={css.plots}>
            <Curves
              title="Accuracy"
              xLabel="epoch"
              yLabel="accuracy, %"
              format={percent}
              curves={accuracy}
              height={220}
            />
            <Curves title="Loss" xLabel="epoch" yLabel="loss" format={lossText} curves={loss} height={220} />
          </div>
          <button type="button" className={css.small} disabled={save.isPending} onClick={() => save.mutate()}>
            All metrics as CSV
          </button>
        </>
      )}
    </Panel>
  );
}
