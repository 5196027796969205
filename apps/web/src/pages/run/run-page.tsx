import type { RunView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { metricsQuery, runQuery, sweepQuery } from '../../data/queries.ts';
import { count, duration, percent, pointName } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { RunActions } from '../../parts/actions.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { SqlLink } from '../../parts/sql-link.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import { Baseline } from './baseline.tsx';
import { Checkpoints } from './checkpoints.tsx';
import { Environment } from './environment.tsx';
import { RunCurves } from './run-curves.tsx';
import { RunLog } from './run-log.tsx';
import css from './run-page.module.css';
import { Timeline } from './timeline.tsx';

function Figure({ name, value, note }: { name: string; value: number | null; note?: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value === null ? '–' : `${percent(value)} %`}</dd>
      {note && <dd className={css.note}>{note}</dd>}
    </div>
  );
}

/** The best and the last epoch on validation, and the test images, which the best epoch saw once. */
function Figures({ run, live }: { run: RunView; live: boolean }) {
  const { data: metrics = [] } = useQuery(metricsQuery(run.id, live));
  const validation = metrics.filter(({ name, value }) => name === 'val/accuracy' && value !== null);
  const last = validation.at(-1);
  let best: (typeof validation)[number] | undefined;
  for (const point of validation) if (!best || (point.value ?? 0) > (best.value ?? 0)) best = point;
  const epoch = (point: typeof best) => point && `epoch ${count(point.epoch)}`;
  return (
    <dl className={css.figures}>
      <Figure
        name="test"
        value={run.testAccuracy}
        note={run.testAccuracy === null ? 'measured at the end' : 'of the best epoch'}
      />
      <Figure name="best validation" value={run.valAccuracy ?? best?.value ?? null} note={epoch(best)} />
      <Figure name="last validation" value={last?.value ?? null} note={epoch(last)} />
      <Figure
        name="training"
        value={run.trainAccuracy}
        note={run.trainAccuracy === null ? undefined : 'of the best epoch'}
      />
    </dl>
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
        {progress.samplesPerSecond !== null && `, ${count(Math.round(progress.samplesPerSecond))} images/s`}
        {progress.secondsLeft !== null && `, about ${duration(progress.secondsLeft)} left`}
      </span>
    </div>
  );
}

function State({ run }: { run: RunView }) {
  const attempts = run.attempt === 1 ? '1 attempt' : `${run.attempt} attempts`;
  return (
    <p className={css.state}>
      <strong>{run.paused && run.state === 'queued' ? 'paused' : run.state}</strong>
      {run.cause && run.cause !== 'completed' && run.cause !== run.state && ` (${run.cause.replaceAll('_', ' ')})`},{' '}
      {run.reusedFrom ? (
        <>
          reused from <Link href={to.run(run.reusedFrom)}>an equal run</Link>
        </>
      ) : (
        attempts
      )}
      {run.forkedFrom && (
        <>
          , goes on from <Link href={to.run(run.forkedFrom)}>a run with other hyperparameters</Link>
        </>
      )}
      , {run.finishedAt ? 'finished' : 'created'} <Time at={run.finishedAt ?? run.createdAt} />
    </p>
  );
}

export default function RunPage({ id }: { id: string }) {
  const { data: run, error, isPending, refetch } = useQuery(runQuery(id));
  const { data: sweep } = useQuery({ ...sweepQuery(run?.sweepId ?? ''), enabled: run !== undefined });
  const live = run?.state === 'running';
  const point = run ? pointName(run.axes) : '';
  useEffect(() => {
    document.title = run ? `${point || 'run'}, seed ${run.seed} · Ablate` : 'Run · Ablate';
  }, [run, point]);
  if (isPending) return <Loading what="the run" />;
  if (!run) return <Failed error={error} what="run" retry={() => void refetch()} />;
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
      <State run={run} />
      {run.message && (
        <p className={css.message} data-bad={run.state === 'failed' || undefined}>
          <bdi>{run.message}</bdi>
        </p>
      )}
      <Progress run={run} />
      <div className={css.summary}>
        <div>
          <Figures run={run} live={live} />
          <SqlLink of="figures" sql={`select * from runs\nwhere run = '${id}'`} />
        </div>
        <Baseline run={run} />
      </div>
      <RunCurves id={id} live={live} ended={run.finishedAt !== null} />
      <div className={css.columns}>
        <Timeline run={run} />
        <div className={css.column}>
          <Checkpoints id={id} />
          <Environment run={run} />
        </div>
      </div>
      <RunLog run={run} />
      <details className={css.config}>
        <summary>Config</summary>
        <Scroll label="Config" className={css.json}>
          <pre>{JSON.stringify(run.config, null, 2)}</pre>
        </Scroll>
      </details>
    </>
  );
}
