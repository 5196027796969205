import { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

/** Every dispatched run that no worker has claimed, oldest first. The reconciler compares this with the jobs in BullMQ. */
export const dispatchedRuns = ({ pool }: Database): Promise<RunJob[]> =>
  queryRows(
    pool,
    RunJob,
    'SELECT run_id AS "runId", attempt FROM outbox WHERE dispatched_at IS NOT NULL ORDER BY dispatched_at, number',
  );
