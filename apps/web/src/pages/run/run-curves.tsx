import type { MetricView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { metricsQuery } from '../../data/queries.ts';
import { percent } from '../../format/number.ts';
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

/** Training and validation over the epochs, on one axis each; they grow while the run trains. */
export function RunCurves({ id, live, ended }: { id: string; live: boolean; ended: boolean }) {
  const { data: metrics } = useQuery(metricsQuery(id, live));
  const accuracy = useMemo(() => curvesOf(metrics ?? [], ACCURACY), [metrics]);
  const loss = useMemo(() => curvesOf(metrics ?? [], LOSS), [metrics]);
  const file = `curves-${id.slice(0, 8)}`;
  return (
    <Panel
      title="Curves"
      file={file}
      sql={`select metric, step, epoch, value from curves\nwhere run = '${id}'\norder by metric, step`}
      picture={
        metrics && metrics.length > 0
          ? async () => {
              const { curves, stack } = await import('@ablate/plots');
              const plot = { xLabel: 'epoch', width: 860 };
              return stack([
                curves({
                  ...plot,
                  title: 'Accuracy',
                  yLabel: 'accuracy, %',
                  formatY: percent,
                  factor: 100,
                  curves: accuracy,
                }),
                curves({ ...plot, title: 'Loss', yLabel: 'loss', formatY: lossText, curves: loss }),
              ]);
            }
          : null
      }
      table={({ metrics: of }) => of(metrics ?? [])}
    >
      {!metrics && <Loading what="curves" />}
      {metrics?.length === 0 && (
        <p className={css.quiet}>
          {ended ? 'It ended within its first epoch.' : 'No values yet: they come at the end of each epoch.'}
        </p>
      )}
      {metrics && metrics.length > 0 && (
        <div className={css.plots}>
          <Curves
            title="Accuracy"
            xLabel="epoch"
            yLabel="accuracy, %"
            format={percent}
            factor={100}
            curves={accuracy}
            height={220}
          />
          <Curves title="Loss" xLabel="epoch" yLabel="loss" format={lossText} curves={loss} height={220} />
        </div>
      )}
    </Panel>
  );
}
