import type { Metric } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { finite } from './finite.ts';

/**
 * Write metrics in one statement; a step written before is written over. False, and nothing written, once the attempt is
 * not held any more.
 */
export async function recordMetrics(
  { pool }: Database,
  { runId, attempt, rows }: { runId: string; attempt: number; rows: readonly Metric[] },
): Promise<boolean> {
  const { rows: answer } = await pool.query<{ held: boolean }>(
    `WITH held AS MATERIALIZED (
       SELECT id FROM run WHERE id = $1 AND attempt = $2 AND state = 'running' FOR SHARE
     ), written AS (
       INSERT INTO metric (run_id, name, step, epoch, value, attempt)
       SELECT held.id, newest.name, newest.step, newest.epoch, newest.value, $2
       FROM held CROSS JOIN (
         SELECT DISTINCT ON (name, step) name, step, epoch, value
         FROM unnest($3::text[], $4::integer[], $5::float8[], $6::float8[]) WITH ORDINALITY AS row(name, step, epoch, value, place)
         ORDER BY name, step, place DESC
       ) newest
       ON CONFLICT (run_id, name, step)
       DO UPDATE SET epoch = excluded.epoch, value = excluded.value, attempt = excluded.attempt
     )
     SELECT EXISTS (SELECT FROM held) AS held`,
    [
      runId,
      attempt,
      rows.map(({ name }) => name),
      rows.map(({ step }) => step),
      rows.map(({ epoch }) => epoch),
      rows.map(({ value }) => finite(value)),
    ],
  );
  return answer[0]?.held ?? false;
}
