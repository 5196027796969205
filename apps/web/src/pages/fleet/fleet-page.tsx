import type { FleetView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fleetQuery } from '../../data/queries.ts';
import { count, duration, plural, pointName } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './fleet-page.module.css';

type Running = FleetView['running'][number];

const pointOf = ({ axes, seed }: Running): string => [pointName(axes), `seed ${seed}`].filter(Boolean).join(', ');

function RunProgress({ progress, stopping }: Running) {
  if (!progress) return <>starting</>;
  return (
    <span className={css.progress}>
      <progress value={progress.step} max={Math.max(1, progress.totalSteps)} aria-label="Progress" />
      {progress.stage?.name ?? `epoch ${progress.epoch.toFixed(1)} of ${count(progress.epochs)}`}
      {stopping && `, stops: ${stopping}`}
    </span>
  );
}

/** The runs of a worker, below it. */
function RunRow({ run }: { run: Running }) {
  const { progress } = run;
  return (
    <tr className={css.run}>
      <td colSpan={2}>
        <Link href={to.run(run.id)}>
          <bdi>{pointOf(run)}</bdi>
        </Link>{' '}
        of{' '}
        <Link href={to.sweep(run.sweep.id)}>
          <bdi>{run.sweep.name}</bdi>
        </Link>
        {run.attempt > 1 && `, attempt ${run.attempt}`}
      </td>
      <td>
        <RunProgress {...run} />
      </td>
      <td data-number>{progress?.samplesPerSecond ? count(Math.round(progress.samplesPerSecond)) : '–'}</td>
      <td>{progress?.secondsLeft ? `${duration(progress.secondsLeft)} left` : ''}</td>
      <td>{run.heartbeatAt && <Time at={run.heartbeatAt} />}</td>
    </tr>
  );
}

function Workers({ fleet }: { fleet: FleetView }) {
  const { workers, running, total } = fleet;
  const alive = workers.filter(({ state }) => state === 'alive');
  const gone = workers.filter(({ state }) => state !== 'alive');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  const used = alive.reduce((sum, worker) => sum + worker.running, 0);
  const speed = alive.reduce((sum, worker) => sum + (worker.samplesPerSecond ?? 0), 0);
  const known = new Set(alive.map(({ name }) => name));
  const orphans = running.filter(({ worker }) => worker === null || !known.has(worker));
  return (
    <section aria-labelledby="workers">
      <h2 id="workers">Workers, and what runs where</h2>
      <p className={css.lead} data-bad={alive.length === 0 || undefined}>
        {alive.length === 0
          ? 'No worker is alive: nothing trains. Start one with npm start, or with the worker image.'
          : `${plural(alive.length, 'worker')} alive, ${used} of ${plural(slots, 'slot')} in use${speed > 0 ? `, ${count(Math.round(speed))} images/s` : ''}.`}
      </p>
      {(alive.length > 0 || orphans.length > 0) && (
        <Scroll label="Workers and their runs" className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">worker, and its runs</th>
                <th scope="col">slots</th>
                <th scope="col">device, and progress</th>
                <th scope="col" data-number>
                  images/s
                </th>
                <th scope="col">version, and time left</th>
                <th scope="col">heartbeat</th>
              </tr>
            </thead>
            <tbody>
              {alive.flatMap((worker) => [
                <tr key={worker.id} className={css.worker}>
                  <th scope="row">
                    <bdi>{worker.name}</bdi>
                  </th>
                  <td>
                    {worker.running} of {worker.slots}
                  </td>
                  <td>
                    <bdi>{worker.device ?? '–'}</bdi>
                  </td>
                  <td data-number>
                    {worker.samplesPerSecond === null ? '–' : count(Math.round(worker.samplesPerSecond))}
                  </td>
                  <td>{worker.version}</td>
                  <td>
                    <Time at={worker.heartbeatAt} />
                  </td>
                </tr>,
                ...running.filter((run) => run.worker === worker.name).map((run) => <RunRow key={run.id} run={run} />),
              ])}
              {orphans.length > 0 && (
                <tr className={css.worker}>
                  <th scope="row" colSpan={6}>
                    on a worker that is not alive: taken back when the lease is over
                  </th>
                </tr>
              )}
              {orphans.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {total.running > running.length && (
        <p className={css.lead}>
          {plural(running.length, 'run')} of {count(total.running)} shown.
        </p>
      )}
      {gone.length > 0 && (
        <details className={css.gone}>
          <summary>{plural(gone.length, 'worker')} of the last 30 days that ended</summary>
          <Scroll label="Workers that ended" className={css.scroll}>
            <table className={css.table}>
              <thead>
                <tr>
                  <th scope="col">worker</th>
                  <th scope="col">state</th>
                  <th scope="col">device</th>
                  <th scope="col">started</th>
                  <th scope="col">last heartbeat</th>
                </tr>
              </thead>
              <tbody>
                {gone.map((worker) => (
                  <tr key={worker.id}>
                    <th scope="row">
                      <bdi>{worker.name}</bdi>
                    </th>
                    <td>{worker.state}</td>
                    <td>
                      <bdi>{worker.device ?? '–'}</bdi>
                    </td>
                    <td>
                      <Time at={worker.startedAt} />
                    </td>
                    <td>
                      <Time at={worker.heartbeatAt} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </details>
      )}
    </section>
  );
}

function Waiting({ fleet: { waiting, total } }: { fleet: FleetView }) {
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">Waiting, and why</h2>
      {waiting.length === 0 && <p className={css.lead}>Nothing waits.</p>}
      {waiting.length > 0 && (
        <Scroll label="Sweeps with waiting runs" className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">sweep</th>
                <th scope="col">because</th>
                <th scope="col" data-number>
                  runs
                </th>
                <th scope="col" data-number>
                  priority
                </th>
                <th scope="col">owner</th>
              </tr>
            </thead>
            <tbody>
              {waiting.map(({ sweep, queued, priority, owner, cause, because }) => (
                <tr key={sweep.id}>
                  <th scope="row">
                    <Link href={to.sweep(sweep.id)}>
                      <bdi>{sweep.name}</bdi>
                    </Link>
                  </th>
                  <td className={css.because} data-cause={cause}>
                    <bdi>{because}</bdi>
                  </td>
                  <td data-number>{count(queued)}</td>
                  <td data-number>{priority}</td>
                  <td>
                    <bdi>{owner}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {total.waiting > waiting.length && (
        <p className={css.lead}>
          {plural(waiting.length, 'sweep')} of {count(total.waiting)} shown, those of the highest priority.
        </p>
      )}
    </section>
  );
}

export default function FleetPage() {
  const { data, error, isPending, refetch } = useQuery(fleetQuery());
  useEffect(() => {
    document.title = 'Fleet · Ablate';
  }, []);
  if (isPending) return <Loading what="workers" />;
  if (!data) return <Failed error={error} what="workers" retry={() => void refetch()} />;
  return (
    <div className={css.page}>
      <h1>Fleet</h1>
      <Workers fleet={data} />
      <Waiting fleet={data} />
      <p className={css.lead}>
        Every job, with its attempts: <a href="/queues">the queue</a>.
      </p>
    </div>
  );
}
