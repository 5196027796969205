/** Which waiting runs go to the queue next: fair between owners, then by priority, then by age. */
import { RunJob } from '@ablate/contracts';
import type pg from 'pg';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { BigInteger, queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { deficitRoundRobin } from './deficit-round-robin.ts';
import { lockDispatch } from './dispatch-lock.ts';

export type Dispatched = {
  /** Jobs to add to the queue, in this order. */
  jobs: RunJob[];
  /** Jobs to remove from the queue, for runs of higher priority. */
  recalled: RunJob[];
};

const Waiting = RunJob.extend({
  owner: z.string(),
  weight: z.number(),
  deficit: z.number(),
  turn: BigInteger,
  ownerRoom: z.int().nullable(),
  priority: z.int(),
});
type Waiting = z.infer<typeof Waiting>;

const Unclaimed = z.object({ runId: z.string(), owner: z.string(), priority: z.int() });

/**
 * Chooses the next runs and marks them as dispatched, in one transaction. The caller adds them to the queue; if it dies first,
 * the reconciler adds them. Paused runs, runs of paused sweeps and runs in backoff are skipped. No owner and no sweep gets
 * more runs, in the queue and in workers together, than its limit.
 *
 * @param window  most jobs in the queue
 * @param room    how many of them are free
 * @param frozenSeconds  after which a frozen dispatcher loses the dispatch lock
 */
export const dispatch = (
  db: Database,
  { window, room, frozenSeconds }: { window: number; room: number; frozenSeconds?: number },
): Promise<Dispatched> =>
  inTransaction(
    db,
    async (client) => {
      await lockDispatch(client);
      const waiting = await waitingRuns(client, window);
      const recalled = await recall(client, waiting);
      const owners = byOwner(recalled.length > 0 ? await waitingRuns(client, window) : waiting);
      const { jobs, state } = deficitRoundRobin(
        owners.map(({ owner, runs }) => {
          const { weight, deficit, turn, ownerRoom } = owner;
          return { name: owner.owner, weight, deficit, turn, room: ownerRoom ?? window, jobs: runs };
        }),
        Math.max(0, Math.min(window, room + recalled.length)),
      );
      const chosen = jobs.map(({ runId, attempt }) => ({ runId, attempt }));
      if (chosen.length > 0) {
        await client.query('UPDATE outbox SET dispatched_at = now() WHERE run_id = ANY($1)', [
          chosen.map(({ runId }) => runId),
        ]);
        await client.query(
          `UPDATE owner SET deficit = coalesce(state.deficit, 0), turn = coalesce(state.turn, owner.turn)
         FROM owner AS old LEFT JOIN unnest($1::text[], $2::float8[], $3::bigint[]) AS state(name, deficit, turn) USING (name)
         WHERE owner.name = old.name AND (owner.deficit, owner.turn)
           IS DISTINCT FROM (coalesce(state.deficit, 0), coalesce(state.turn, owner.turn))`,
          [state.map(({ name }) => name), state.map(({ deficit }) => deficit), state.map(({ turn }) => turn)],
        );
      }
      return { jobs: chosen, recalled };
    },
    { frozenSeconds },
  );

/** The runs of each owner, in order; `owner` is its first run, which carries the owner's columns. */
function byOwner(runs: readonly Waiting[]): { owner: Waiting; runs: Waiting[] }[] {
  const owners = new Map<string, { owner: Waiting; runs: Waiting[] }>();
  for (const run of runs) {
    const known = owners.get(run.owner);
    if (known) known.runs.push(run);
    else owners.set(run.owner, { owner: run, runs: [run] });
  }
  return [...owners.values()];
}

/** Sweeps with waiting runs, found by a loose index scan, with the room that their limits leave. */
const SWEEPS = `
  WITH RECURSIVE hop AS (
    (SELECT sweep_id FROM outbox WHERE dispatched_at IS NULL AND NOT held ORDER BY sweep_id LIMIT 1)
    UNION ALL
    SELECT (SELECT sweep_id FROM outbox WHERE dispatched_at IS NULL AND NOT held AND sweep_id > hop.sweep_id ORDER BY sweep_id LIMIT 1)
    FROM hop WHERE hop.sweep_id IS NOT NULL
  ), busy AS (
    SELECT sweep_id, count(*)::integer AS runs FROM (
      SELECT sweep_id FROM run WHERE state = 'running'
      UNION ALL
      SELECT sweep_id FROM outbox WHERE dispatched_at IS NOT NULL
    ) under_way GROUP BY sweep_id
  ), busy_owner AS (
    SELECT owner, sum(runs)::integer AS runs FROM busy JOIN sweep ON sweep.id = busy.sweep_id GROUP BY owner
  ), open AS (
    SELECT sweep.id, sweep.owner, sweep.priority, sweep.created_at, sweep.max_running - coalesce(busy.runs, 0) AS room,
      owner.weight, owner.deficit, owner.turn, owner.max_running - coalesce(busy_owner.runs, 0) AS owner_room
    FROM hop JOIN sweep ON sweep.id = hop.sweep_id AND sweep.paused_at IS NULL JOIN owner ON owner.name = sweep.owner
    LEFT JOIN busy ON busy.sweep_id = sweep.id LEFT JOIN busy_owner ON busy_owner.owner = sweep.owner
  )`;

/** At most `limit` runs of each sweep, by priority and age. A requeued run keeps its age. */
const waitingRuns = (client: pg.PoolClient, limit: number): Promise<Waiting[]> =>
  queryRows(
    client,
    Waiting,
    `${SWEEPS}
     SELECT next.run_id AS "runId", next.attempt, open.owner, open.weight, open.deficit, open.turn,
       open.owner_room AS "ownerRoom", open.priority
     FROM open CROSS JOIN LATERAL (
       SELECT run_id, attempt, position FROM outbox
       WHERE sweep_id = open.id AND dispatched_at IS NULL AND NOT held AND (not_before IS NULL OR not_before <= now())
       ORDER BY position LIMIT greatest(0, least($1, open.room))
     ) next
     ORDER BY open.priority DESC, open.created_at, open.id, next.position`,
    [limit],
  );

/**
 * Recalls unclaimed runs from the queue, one for each waiting run of the same owner with a higher priority. Runs are locked
 * before their outbox rows, as everywhere.
 */
async function recall(client: pg.PoolClient, waiting: readonly Waiting[]): Promise<RunJob[]> {
  const highest = waiting[0]?.priority;
  if (highest === undefined) return [];
  const unclaimed = await queryRows(
    client,
    Unclaimed,
    `SELECT outbox.run_id AS "runId", sweep.owner, sweep.priority
     FROM outbox JOIN sweep ON sweep.id = outbox.sweep_id
     WHERE outbox.dispatched_at IS NOT NULL AND sweep.priority < $1
     ORDER BY sweep.priority, sweep.created_at DESC, outbox.position DESC`,
    [highest],
  );
  const urgent = [...waiting];
  const ids = unclaimed.flatMap(({ owner, priority, runId }) => {
    const index = urgent.findIndex((run) => run.owner === owner && run.priority > priority);
    if (index === -1) return [];
    urgent.splice(index, 1);
    return [runId];
  });
  if (ids.length === 0) return [];
  await client.query('SELECT FROM run WHERE id = ANY($1) ORDER BY id FOR UPDATE', [ids]);
  return queryRows(
    client,
    RunJob,
    `UPDATE outbox SET dispatched_at = NULL WHERE run_id = ANY($1) AND dispatched_at IS NOT NULL
     RETURNING run_id AS "runId", attempt`,
    [ids],
  );
}

/** Every dispatched run that no worker has claimed, oldest first. The reconciler compares this with the jobs in BullMQ. */
export const dispatchedRuns = ({ pool }: Database): Promise<RunJob[]> =>
  queryRows(
    pool,
    RunJob,
    'SELECT run_id AS "runId", attempt FROM outbox WHERE dispatched_at IS NOT NULL ORDER BY dispatched_at, number',
  );
