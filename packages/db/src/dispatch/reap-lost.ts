import { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import { endHeldAttempt } from '../attempts/end-attempt.ts';
import type { Ending } from '../attempts/ending.ts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';

const BATCH = 100;

const Expired = RunJob.extend({ lease: z.number() });

/** If the database's clock moves this far between two looks, or three intervals, no worker could renew its leases: the machine slept, or the database was away. */
const GAP_SECONDS = 5;
/** Gaps sooner after another do not count: where all is slow, dead workers are still found. */
const AGAIN_SECONDS = 120;

/**
 * Ends the attempts of running runs whose heartbeat is older than the lease of their worker, by the database's clock, as lost.
 * Their runs are requeued, failed or cancelled. At most 100 per call. `leaseSeconds` is the lease of workers without a row, of
 * an earlier version; null leaves their runs alone. After `awakeSince`, an epoch in seconds by that clock, every worker has its whole
 * lease to beat again.
 */
export const reapLost = (
  db: Database,
  { leaseSeconds, awakeSince = 0 }: { leaseSeconds: number | null; awakeSince?: number },
): Promise<(RunJob & { state: Ending })[]> =>
  inTransaction(db, async (client) => {
    const jobs = await queryRows(
      client,
      Expired,
      `SELECT run.id AS "runId", run.attempt, lease.seconds AS lease
       FROM run JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
       CROSS JOIN LATERAL (
         SELECT coalesce(max(lease_seconds), $1::float8) AS seconds FROM worker WHERE worker.name = attempt.worker
       ) AS lease
       WHERE run.state = 'running'
         AND greatest(run.heartbeat_at, to_timestamp($3)) < now() - make_interval(secs => lease.seconds)
       ORDER BY run.heartbeat_at LIMIT $2 FOR UPDATE OF run SKIP LOCKED`,
      [leaseSeconds, BATCH, awakeSince],
    );
    const reaped: (RunJob & { state: Ending })[] = [];
    for (const { lease, ...job } of jobs) {
      const message = `no heartbeat for ${lease} s`;
      const state = await endHeldAttempt(client, { ...job, cause: 'lost', message });
      if (state !== null) reaped.push({ ...job, state });
    }
    return reaped;
  });

const Clock = z.object({ seconds: z.number() });

export type Reaper = {
  /** Look at the database's clock. Call it or `reap` every `everySeconds`. */
  look(): Promise<void>;
  /** `look`, then `reapLost`. */
  reap(): ReturnType<typeof reapLost>;
};

/** `reapLost` for a machine that may sleep, and a database that may be away: neither costs the runs that live workers hold. `onGap` receives what happened, in words. */
export function openReaper(
  db: Database,
  {
    leaseSeconds,
    everySeconds,
    onGap,
    gapSeconds = Math.max(GAP_SECONDS, 3 * everySeconds),
  }: { leaseSeconds: number | null; everySeconds: number; onGap: (message: string) => void; gapSeconds?: number },
): Reaper {
  let seen: number | undefined;
  let awakeSince = 0;

  const look = async (): Promise<void> => {
    const [clock] = await queryRows(db.pool, Clock, 'SELECT extract(epoch FROM clock_timestamp())::float8 AS seconds');
    if (clock === undefined) throw new Error('no time from the database');
    const gap = clock.seconds - (seen ?? clock.seconds);
    seen = clock.seconds;
    if (gap <= gapSeconds || seen - awakeSince <= AGAIN_SECONDS) return;
    awakeSince = seen;
    onGap(
      `the machine slept, or the database was away: ${Math.round(gap)} s passed unseen, and all leases begin again`,
    );
  };
  return {
    look,
    reap: async () => {
      await look();
      return reapLost(db, { leaseSeconds, awakeSince });
    },
  };
}
