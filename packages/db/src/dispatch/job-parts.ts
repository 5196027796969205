import type { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

/** What the name of a job is made of. */
export const JobParts = z.object({ sweep: z.string(), axes: z.record(z.string(), z.unknown()), seed: z.int() });
export type JobParts = z.infer<typeof JobParts>;

const Row = JobParts.extend({ runId: z.string() });

/** Jobs with the parts of their names, in the same order, without those whose run no longer exists. */
export async function jobParts({ pool }: Database, jobs: readonly RunJob[]): Promise<(RunJob & JobParts)[]> {
  if (jobs.length === 0) return [];
  const rows = await queryRows(
    pool,
    Row,
    `SELECT run.id AS "runId", sweep.name AS sweep, config.axes, run.seed
     FROM run JOIN config ON config.id = run.config_id JOIN sweep ON sweep.id = run.sweep_id WHERE run.id = ANY($1)`,
    [jobs.map(({ runId }) => runId)],
  );
  const parts = new Map(rows.map((row) => [row.runId, row]));
  return jobs.flatMap(({ runId, attempt }) => {
    const found = parts.get(runId);
    return found === undefined ? [] : [{ ...found, attempt }];
  });
}
