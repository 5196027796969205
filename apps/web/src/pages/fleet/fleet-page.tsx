import type { OwnerView, RunView, SweepView, WorkerView } from '@ablate/contracts';
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ownersQuery, runningQuery, sweepsQuery, workersQuery } from '../../data/queries.ts';
import { duration, plural, pointName } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './fleet-page.module.css';

function Workers({ workers }: { workers: readonly WorkerView[] }) {
  const alive = workers.filter(({ state }) => state === 'alive');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  const used = alive.reduce((sum, worker) => sum + worker.running, 0);
  return (
    <section>
      <h2>Workers</h2>
      <p className={css.lead} data-bad={alive.length === 0 || undefined}>
        {alive.length === 0
          ? 'No worker is alive: nothing trains. Start one with npm start, or with the worker image.'
          : `${plural(alive.length, 'worker')} alive, ${used} of ${plural(slots, 'slot')} in use.`}
      </p>
      {workers.length > 0 && (
        <div className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">worker</th>
                <th scope="col">state</th>
                <th scope="col">runs</th>
                <th scope="col">device</th>
                <th scope="col">heartbeat</th>
                <th scope="col">started</th>
                <th scope="col">version</th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <tr key={worker.id} data-quiet={worker.state !== 'alive' || undefined}>
                  <th scope="row">
                    <bdi>{worker.name}</bdi>
                  </th>
                  <td>{worker.state}</td>
                  <td>
                    {worker.running} of {worker.slots}
                  </td>
                  <td>
                    <bdi>{worker.device ?? '–'}</bdi>
                  </td>
                  <td>
                    <Time at={worker.heartbeatAt} />
                  </td>
                  <td>
                    <Time at={worker.startedAt} />
                  </td>
                  <td>{worker.version.slice(0, 12)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const point = ({ axes, seed }: RunView): string => [pointName(axes), `seed ${seed}`].filter(Boolean).join(', ');

function Running({ sweeps }: { sweeps: readonly SweepView[] }) {
  const found = useQueries({ queries: sweeps.map(({ id }) => runningQuery(id)) });
  const rows = sweeps.flatMap((sweep, i) => (found[i]?.data ?? []).map((run) => ({ sweep, run })));
  return (
    <section>
      <h2>In training</h2>
      {rows.length === 0 && <p className={css.lead}>No run is in training.</p>}
      {rows.length > 0 && (
        <div className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">run</th>
                <th scope="col">sweep</th>
                <th scope="col">progress</th>
                <th scope="col">images/s</th>
                <th scope="col">left</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ sweep, run }) => (
                <tr key={run.id}>
                  <th scope="row">
                    <Link href={to.run(run.id)}>
                      <bdi>{point(run)}</bdi>
                    </Link>
                  </th>
                  <td>
                    <Link href={to.sweep(sweep.id)}>
                      <bdi>{sweep.name}</bdi>
                    </Link>
                  </td>
                  <td>
                    {run.progress ? (
                      <>
                        <progress
                          value={run.progress.step}
                          max={Math.max(1, run.progress.totalSteps)}
                          aria-label="Progress"
                        />{' '}
                        {run.progress.stage?.name ?? `epoch ${run.progress.epoch.toFixed(1)} of ${run.progress.epochs}`}
                      </>
                    ) : (
                      'starting'
                    )}
                  </td>
                  <td>{run.progress?.samplesPerSecond ? Math.round(run.progress.samplesPerSecond) : '–'}</td>
                  <td>{run.progress?.secondsLeft ? duration(run.progress.secondsLeft) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Why runs of a sweep are not in training now: the first limit that holds them. */
function reason(sweep: SweepView, owner: OwnerView | undefined, workers: readonly WorkerView[]): string {
  const alive = workers.filter(({ state }) => state === 'alive');
  if (sweep.state === 'paused') return 'the sweep is paused';
  if (alive.length === 0) return 'no worker is alive';
  const { running: limit } = sweep.limits;
  if (limit !== null && sweep.counts.running >= limit) return `the sweep's limit: ${plural(limit, 'run')} at a time`;
  const ownerLimit = owner?.limits.running ?? null;
  if (owner && ownerLimit !== null && owner.running >= ownerLimit)
    return `the limit of ${owner.name}: ${plural(ownerLimit, 'run')} at a time`;
  if (alive.every(({ running, slots }) => running >= slots)) return 'every slot is in use';
  return 'next in the queue';
}

function Waiting({
  sweeps,
  owners,
  workers,
}: {
  sweeps: readonly SweepView[];
  owners: readonly OwnerView[];
  workers: readonly WorkerView[];
}) {
  return (
    <section>
      <h2>Waiting, and why</h2>
      {sweeps.length === 0 && <p className={css.lead}>Nothing waits.</p>}
      {sweeps.length > 0 && (
        <div className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">sweep</th>
                <th scope="col">runs that wait</th>
                <th scope="col">priority</th>
                <th scope="col">owner</th>
                <th scope="col">because</th>
              </tr>
            </thead>
            <tbody>
              {sweeps.map((sweep) => (
                <tr key={sweep.id}>
                  <th scope="row">
                    <Link href={to.sweep(sweep.id)}>
                      <bdi>{sweep.name}</bdi>
                    </Link>
                  </th>
                  <td>{sweep.counts.queued}</td>
                  <td>{sweep.priority}</td>
                  <td>
                    <bdi>{sweep.owner}</bdi>
                  </td>
                  <td>
                    {reason(
                      sweep,
                      owners.find(({ name }) => name === sweep.owner),
                      workers,
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export default function FleetPage() {
  const workers = useQuery(workersQuery());
  const owners = useQuery(ownersQuery());
  const sweeps = useInfiniteQuery(sweepsQuery());
  useEffect(() => {
    document.title = 'Fleet · Ablate';
  }, []);
  if (workers.isPending || sweeps.isPending) return <Loading what="workers" />;
  const error = workers.error ?? sweeps.error;
  if (error && !(workers.data && sweeps.data))
    return <Failed error={error} what="workers" retry={() => void workers.refetch()} />;
  const all = sweeps.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className={css.page}>
      <h1>Fleet</h1>
      <Workers workers={workers.data ?? []} />
      <Running sweeps={all.filter(({ counts }) => counts.running > 0)} />
      <Waiting
        sweeps={all.filter(({ counts }) => counts.queued > 0)}
        owners={owners.data ?? []}
        workers={workers.data ?? []}
      />
      <p className={css.lead}>
        Every job, with its log and its attempts: <a href="/queues">the queue</a>.
      </p>
    </div>
  );
}
