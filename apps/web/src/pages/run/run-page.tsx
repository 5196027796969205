import type { CheckpointView, EventView, MetricView, RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { checkpointsQuery, eventsQuery, metricsQuery, runQuery, sweepQuery } from '../../data/queries.ts';
import { compact, count, duration, percent, pointName } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { RunActions } from '../../parts/actions.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { type Curve, Curves } from '../../plots/curves.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import { ConfusionPanel } from './confusion.tsx';
import css from './run-page.module.css';

const ACCURACY = [
  ['val/accuracy', 'validation', 'var(--series-0)'],
  ['train/accuracy', 'training', 'var(--series-1)'],
] as const;
const LOSS = [
  ['val/loss', 'validation', 'var(--series-0)'],
  ['train/loss', 'training, while it changes', 'var(--series-1)'],
] as const;

const curvesOf = (metrics: readonly MetricView[], wanted: readonly (readonly [string, string, string])[]): Curve[] =>
  wanted.map(([metric, name, color]) => ({
    name,
    color,
    points: metrics.filter((point) => point.name === metric).map(({ epoch, value }) => ({ x: epoch, y: value })),
  }));

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Progress({ run }: { run: RunView }) {
  const { progress } = run;
  if (run.state !== 'running' || !progress) return null;
  const { stage } = progress;
  const share = stage?.total ? stage.done / stage.total : progress.step / Math.max(1, progress.totalSteps);
  return (
    <div className={css.progress}>
      <progress value={share} max={1} aria-label="Progress of the run" />
      <span>
        {stage ? stage.name : 'training'}, epoch {progress.epoch.toFixed(1)} of {count(progress.epochs)}, step{' '}
        {count(progress.step)} of {count(progress.totalSteps)}
        {progress.secondsLeft !== null && `, about ${duration(progress.secondsLeft)} left`}
      </span>
    </div>
  );
}

function Timeline({ events }: { events: readonly EventView[] }) {
  return (
    <ol className={css.timeline}>
      {events.map((event) => (
        <li key={event.number}>
          <Time at={event.at} />
          <span>
            {event.subject === 'attempt' ? `attempt ${event.attempt}` : event.subject}: <strong>{event.state}</strong>
            {event.cause && event.cause !== event.state && ` (${event.cause.replaceAll('_', ' ')})`}
            {event.message && (
              <>
                {': '}
                <bdi>{event.message}</bdi>
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Checkpoints({ checkpoints }: { checkpoints: readonly CheckpointView[] }) {
  if (checkpoints.length === 0) return <p className={css.quiet}>No checkpoint is stored.</p>;
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">kind</th>
            <th scope="col">epoch</th>
            <th scope="col">step</th>
            <th scope="col">validation %</th>
            <th scope="col">size</th>
            <th scope="col">id</th>
          </tr>
        </thead>
        <tbody>
          {checkpoints.map((checkpoint) => (
            <tr key={checkpoint.id}>
              <th scope="row">
                {checkpoint.kind}
                {checkpoint.pinned && ', pinned'}
              </th>
              <td>{checkpoint.epoch}</td>
              <td>{count(checkpoint.step)}</td>
              <td>{checkpoint.valAccuracy === null ? '–' : percent(checkpoint.valAccuracy)}</td>
              <td>{compact(checkpoint.bytes)}B</td>
              <td>
                <code>{checkpoint.id}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export default function RunPage({ id }: { id: string }) {
  const { data: run, error, isPending, refetch } = useQuery(runQuery(id));
  const { data: sweep } = useQuery({ ...sweepQuery(run?.sweepId ?? ''), enabled: run !== undefined });
  const live = run?.state === 'running';
  const { data: metrics } = useQuery({ ...metricsQuery(id, live), enabled: run !== undefined });
  const { data: events } = useQuery({ ...eventsQuery(id), enabled: run !== undefined });
  const { data: checkpoints } = useQuery({ ...checkpointsQuery(id), enabled: run !== undefined });
  const point = run ? pointName(run.axes) : '';
  useEffect(() => {
    document.title = run ? `${point || 'run'}, seed ${run.seed} · Ablate` : 'Run · Ablate';
  }, [run, point]);
  if (isPending) return <Loading what="the run" />;
  if (!run) return <Failed error={error} what="run" retry={() => void refetch()} />;
  const share = (value: number | null) => (value === null ? '–' : `${percent(value)} %`);
  const attempts = run.attempt === 1 ? '1 attempt' : `${run.attempt} attempts`;
  return (
    <>
      <p className={css.path}>
        <Link href={to.sweep(run.sweepId)}>
          <bdi>{sweep?.name ?? 'the sweep'}</bdi>
        </Link>
      </p>
      <div className={css.title}>
        <h1>
          <bdi>{point || 'the only config'}</bdi>, seed {run.seed}
        </h1>
        <RunActions run={run} />
      </div>
      <p className={css.state}>
        <strong>{run.state}</strong>
        {run.cause && run.cause !== 'completed' && run.cause !== run.state && ` (${run.cause.replaceAll('_', ' ')})`},{' '}
        {attempts}, created <Time at={run.createdAt} />
      </p>
      {run.message && (
        <p className={css.message}>
          <bdi>{run.message}</bdi>
        </p>
      )}
      <Progress run={run} />
      <dl className={css.figures}>
        <Figure name="test" value={share(run.testAccuracy)} />
        <Figure name="best validation" value={share(run.valAccuracy)} />
        <Figure name="training, at the best epoch" value={share(run.trainAccuracy)} />
      </dl>
      <section className={css.plots}>
        <Curves
          title="Accuracy"
          xLabel="epoch"
          yLabel="accuracy, %"
          format={(value) => percent(value)}
          curves={curvesOf(metrics ?? [], ACCURACY)}
        />
        <Curves
          title="Loss"
          xLabel="epoch"
          yLabel="loss"
          format={(value) => value.toPrecision(3)}
          curves={curvesOf(metrics ?? [], LOSS)}
        />
      </section>
      {run.state === 'succeeded' && (
        <p>
          <Link href={to.inside(id)}>Look inside: what the model looks at</Link>
        </p>
      )}
      {run.state === 'succeeded' && <ConfusionPanel id={id} />}
      <section>
        <h2>What happened</h2>
        {events ? <Timeline events={events} /> : <Loading what="events" />}
        {run.notes.length > 0 && (
          <ul className={css.notes}>
            {run.notes.map((note) => (
              <li key={note}>
                <bdi>{note}</bdi>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section>
        <h2>Checkpoints</h2>
        {checkpoints ? <Checkpoints checkpoints={checkpoints} /> : <Loading what="checkpoints" />}
      </section>
      <section>
        <h2>Config</h2>
        <Scroll label="Config" className={css.config}>
          <pre>{JSON.stringify(run.config, null, 2)}</pre>
        </Scroll>
      </section>
    </>
  );
}
