import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** Note that the queue has these jobs. One that was claimed or cancelled meanwhile has no row to note it in. */
export async function markDispatched({ pool }: Database, jobs: readonly RunJob[]): Promise<void> {
  await pool.query(
    `UPDATE outbox SET dispatched_at = now() FROM unnest($1::uuid[], $2::integer[]) AS job(run_id, attempt)
     WHERE outbox.run_id = job.run_id AND outbox.attempt = job.attempt`,
    [jobs.map(({ runId }) => runId), jobs.map(({ attempt }) => attempt)],
  );
}
