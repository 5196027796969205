import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

/** A run that failed has no checkpoint, and its log is what explains it: it is kept this long in any case. */
const KEPT_DAYS = 7;

const Count = z.object({ logs: z.int() });

/** Deletes the logs of runs that were finished `days` ago and have no checkpoint left. Returns how many; with `dryRun` nothing is deleted. */
export async function expireLogs(
  { pool }: Database,
  { dryRun, days = KEPT_DAYS }: { dryRun: boolean; days?: number },
): Promise<number> {
  const [row] = await queryRows(
    pool,
    Count,
    `WITH expired AS (
       SELECT attempt_log.run_id, attempt_log.number FROM attempt_log JOIN run ON run.id = attempt_log.run_id
       WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned') AND run.finished_at < now() - make_interval(days => $2)
         AND NOT EXISTS (SELECT FROM any_checkpoint WHERE run_id = run.id)
     ), deleted AS (
       DELETE FROM attempt_log USING expired
       WHERE attempt_log.run_id = expired.run_id AND attempt_log.number = expired.number AND NOT $1::boolean
     )
     SELECT count(*)::integer AS logs FROM expired`,
    [dryRun, days],
  );
  return row?.logs ?? 0;
}
