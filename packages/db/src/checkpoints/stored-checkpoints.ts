import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** A file that a row names. */
export type NamedFile = { runId: string; file: string; bytes: number };

/** Every checkpoint file that a row names; of one run, where it is given. */
export async function namedFiles({ pool }: Database, runId?: string): Promise<NamedFile[]> {
  const { rows } = await pool.query<Omit<NamedFile, 'bytes'> & { bytes: string }>(
    `SELECT run_id AS "runId", file, bytes FROM any_checkpoint ${runId === undefined ? '' : 'WHERE run_id = $1'}`,
    runId === undefined ? [] : [runId],
  );
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

/** Of these ids, those of runs of this database. */
export async function knownRuns({ pool }: Database, runIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM run WHERE id = ANY($1::uuid[])', [runIds]);
  return new Set(rows.map(({ id }) => id));
}

/** Of these runs, those that are being trained, and by which attempt. */
export async function runningAttempts({ pool }: Database, runIds: readonly string[]): Promise<RunJob[]> {
  const { rows } = await pool.query<RunJob>(
    `SELECT id AS "runId", attempt FROM run WHERE state = 'running' AND id = ANY($1::uuid[])`,
    [runIds],
  );
  return rows;
}
