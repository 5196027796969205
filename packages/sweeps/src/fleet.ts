/** The machines: workers, what runs where, and what waits and why. */
import { type FleetView, noWorker, Progress, type WaitCause, type WorkerView } from '@ablate/contracts';
import { queryRows, readWorkers, type WaitingSweep, waitingSweeps } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';

/** Runs and sweeps that are listed. */
const LISTED = 200;

const RunRow = z.object({
  id: z.string(),
  sweepId: z.string(),
  sweep: z.string(),
  axes: z.record(z.string(), z.unknown()),
  seed: z.int(),
  attempt: z.int(),
  worker: z.string().nullable(),
  startedAt: z.date().nullable(),
  heartbeatAt: z.date().nullable(),
  progress: Progress.nullable(),
  stopping: z.string().nullable(),
  total: z.int(),
});

const counted = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

type Situation = { workers: readonly WorkerView[]; waiting: readonly WaitingSweep[] };

/** The first of the rules of dispatch that keeps the runs of a sweep from starting. */
function causeOf(sweep: WaitingSweep, { workers, waiting }: Situation): { cause: WaitCause; because: string } {
  const why = (cause: WaitCause, because: string) => ({ cause, because });
  const none = noWorker(workers);
  if (sweep.paused) return why('paused', 'the sweep is paused: resume it');
  if (sweep.held === sweep.queued)
    return why('paused', `${counted(sweep.held, 'run')} ${sweep.held === 1 ? 'is' : 'are'} paused: resume them`);
  if (none !== null) return why('no worker', none);
  if (sweep.budget !== null && sweep.used !== null && sweep.used >= sweep.budget)
    return why('budget', `its budget of ${counted(sweep.budget, 'device hour')} is used up: its runs are cancelled`);
  if (sweep.limit !== null && sweep.busy >= sweep.limit)
    return why('limit of the sweep', `its limit is ${counted(sweep.limit, 'run')} at a time`);
  if (sweep.ownerLimit !== null && sweep.ownerBusy >= sweep.ownerLimit)
    return why('limit of the owner', `the limit of ${sweep.owner} is ${counted(sweep.ownerLimit, 'run')} at a time`);
  if (sweep.delayed > 0 && sweep.delayed + sweep.held === sweep.queued)
    return why('delayed', sweep.message ?? 'a lost run waits for a few seconds before its next attempt');
  const first = waiting.find(
    (other) =>
      other.owner === sweep.owner && other.priority > sweep.priority && !other.paused && other.held < other.queued,
  );
  if (first !== undefined && sweep.dispatched === 0)
    return why('priority', `runs of ${sweep.owner} with priority ${first.priority} come first`);
  const alive = workers.filter(({ state }) => state === 'alive');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  if (alive.reduce((sum, { running }) => sum + running, 0) >= slots)
    return why('slots', `${slots === 1 ? 'the only slot is' : `all ${slots} slots are`} in use`);
  return why('next', 'next in the queue');
}

/** Workers, at most 200 running runs, and at most 200 sweeps with queued runs. */
export async function fleet({ db }: Context): Promise<FleetView> {
  const [workers, waiting, running] = await Promise.all([
    readWorkers(db),
    waitingSweeps(db, LISTED),
    queryRows(
      db.pool,
      RunRow,
      `SELECT run.id, run.sweep_id AS "sweepId", sweep.name AS sweep, config.axes, run.seed, run.attempt, attempt.worker,
         attempt.started_at AS "startedAt", run.heartbeat_at AS "heartbeatAt", run.progress, run.stop_reason AS stopping,
         count(*) OVER ()::integer AS total
       FROM run JOIN sweep ON sweep.id = run.sweep_id JOIN config ON config.id = run.config_id
       LEFT JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
       WHERE run.state = 'running' ORDER BY attempt.worker, attempt.started_at, run.id LIMIT $1`,
      [LISTED],
    ),
  ]);
  const speed = new Map<string, number>();
  for (const { worker, progress } of running)
    if (worker !== null && progress?.samplesPerSecond)
      speed.set(worker, (speed.get(worker) ?? 0) + progress.samplesPerSecond);
  return {
    workers: workers.map((worker) => ({
      ...worker,
      samplesPerSecond: worker.state === 'alive' ? (speed.get(worker.name) ?? null) : null,
    })),
    running: running.map(({ sweepId, sweep, total: _, startedAt, heartbeatAt, ...run }) => ({
      ...run,
      sweep: { id: sweepId, name: sweep },
      startedAt: startedAt?.toISOString() ?? null,
      heartbeatAt: heartbeatAt?.toISOString() ?? null,
    })),
    waiting: waiting.map((sweep) => ({
      sweep: { id: sweep.id, name: sweep.name },
      ...{ owner: sweep.owner, priority: sweep.priority, queued: sweep.queued },
      ...causeOf(sweep, { workers, waiting }),
    })),
    total: { running: running[0]?.total ?? 0, waiting: waiting[0]?.total ?? 0 },
  };
}
