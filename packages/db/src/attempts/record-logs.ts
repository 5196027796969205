import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** The last lines of an attempt, each after the time at which it was printed, and how many lines before them are gone. */
export type AttemptLog = RunJob & { text: string; dropped: number };

/** Writes the logs of attempts in one statement, each in place of what was written before. Those of deleted runs are left out. */
export async function recordLogs({ pool }: Database, logs: readonly AttemptLog[]): Promise<void> {
  await pool.query({
    name: 'record-logs',
    text: `INSERT INTO attempt_log (run_id, number, text, dropped)
      SELECT log.run_id, log.number, log.text, log.dropped
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[]) AS log(run_id, number, text, dropped)
      JOIN attempt ON attempt.run_id = log.run_id AND attempt.number = log.number
      ON CONFLICT (run_id, number) DO UPDATE SET text = excluded.text, dropped = excluded.dropped`,
    values: [
      logs.map(({ runId }) => runId),
      logs.map(({ attempt }) => attempt),
      logs.map(({ text }) => text),
      logs.map(({ dropped }) => dropped),
    ],
  });
}
