import type { RunLog } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

const Row = z.object({ attempt: z.int(), dropped: z.int().nullable(), text: z.string().nullable() });

/** A line is kept after the time at which it was printed. */
function readLine(line: string): RunLog['lines'][number] {
  const end = line.indexOf(' ');
  return { at: line.slice(0, end), text: line.slice(end + 1) };
}

/** The log of an attempt of a run, by default the newest. Empty if none is kept. Refuses (`not_found`) an unknown run. */
export async function runLog(
  { db }: Context,
  { runId, attempt }: { runId: string; attempt?: number },
): Promise<RunLog> {
  const [row] = await queryRows(
    db.pool,
    Row,
    `SELECT coalesce($2, run.attempt) AS attempt, log.dropped, log.text FROM run
     LEFT JOIN attempt_log log ON log.run_id = run.id AND log.number = coalesce($2, run.attempt) WHERE run.id = $1`,
    [runId, attempt ?? null],
  );
  if (row === undefined) throw refusal.unknown('run', runId);
  const { text } = row;
  return { attempt: row.attempt, dropped: row.dropped ?? 0, lines: text ? text.split('\n').map(readLine) : [] };
}
