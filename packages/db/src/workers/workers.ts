/** The worker processes of this installation, and whether they are alive. The view `workers` derives the state. */
import { WorkerView } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

const KEPT_DAYS = 30;
/** Workers listed, at most. */
const LISTED = 200;

export type WorkerFacts = {
  /** HOST/PID, as in its attempts. */
  name: string;
  host: string;
  pid: number;
  version: string;
  slots: number;
  device: string | null;
  leaseSeconds: number;
};

const Id = z.object({ id: z.string() });

/** Records a worker that is ready; its runs have its lease from now on. Returns its id. Forgets workers that ended 30 days ago. */
export async function registerWorker({ pool }: Database, worker: WorkerFacts): Promise<string> {
  const { name, host, pid, version, slots, device, leaseSeconds } = worker;
  const [row] = await queryRows(
    pool,
    Id,
    `WITH forgotten AS (DELETE FROM worker WHERE heartbeat_at < now() - make_interval(days => $8))
     INSERT INTO worker (name, host, pid, version, slots, device, lease_seconds) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [name, host, pid, version, slots, device, leaseSeconds, KEPT_DAYS],
  );
  if (row === undefined) throw new Error(`worker ${name} was not written`);
  return row.id;
}

/** Renews a worker's heartbeat, by the database's clock. False if its row is missing: the database was restored. */
export async function beatWorker({ pool }: Database, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('UPDATE worker SET heartbeat_at = now(), stopped_at = NULL WHERE id = $1', [
    id,
  ]);
  return rowCount === 1;
}

/** Records that a worker shut down. */
export async function stopWorker({ pool }: Database, id: string): Promise<void> {
  await pool.query('UPDATE worker SET heartbeat_at = now(), stopped_at = now() WHERE id = $1', [id]);
}

const Row = WorkerView.extend({ startedAt: z.date(), heartbeatAt: z.date() });

/** Workers: first those that are alive, then the others, newest heartbeat first. */
export async function readWorkers({ pool }: Database): Promise<WorkerView[]> {
  const rows = await queryRows(
    pool,
    Row,
    `SELECT worker_id AS id, worker AS name, state, slots, running, device, version, started_at AS "startedAt", heartbeat_at AS "heartbeatAt"
     FROM reporting.workers ORDER BY state <> 'alive', heartbeat_at DESC LIMIT $1`,
    [LISTED],
  );
  return rows.map(({ startedAt, heartbeatAt, ...worker }) => ({
    ...worker,
    startedAt: startedAt.toISOString(),
    heartbeatAt: heartbeatAt.toISOString(),
  }));
}
