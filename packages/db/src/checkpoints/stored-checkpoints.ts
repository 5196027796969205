import { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { BigInteger, queryRows } from '../rows.ts';

const NamedFile = z.object({ runId: z.string(), file: z.string(), bytes: BigInteger });
/** A checkpoint file that a row names. */
export type NamedFile = z.infer<typeof NamedFile>;

/** Every checkpoint file that a row names; only those of `runId`, if given. */
export const namedFiles = ({ pool }: Database, runId?: string): Promise<NamedFile[]> =>
  queryRows(
    pool,
    NamedFile,
    `SELECT run_id AS "runId", file, bytes FROM any_checkpoint ${runId === undefined ? '' : 'WHERE run_id = $1'}`,
    runId === undefined ? [] : [runId],
  );

/** Which of these ids belong to runs of this database. */
export async function knownRuns({ pool }: Database, runIds: readonly string[]): Promise<Set<string>> {
  const rows = await queryRows(pool, z.object({ id: z.string() }), 'SELECT id FROM run WHERE id = ANY($1::uuid[])', [
    runIds,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Which of these runs are running, and with which attempt. */
export const runningAttempts = ({ pool }: Database, runIds: readonly string[]): Promise<RunJob[]> =>
  queryRows(pool, RunJob, `SELECT id AS "runId", attempt FROM run WHERE state = 'running' AND id = ANY($1::uuid[])`, [
    runIds,
  ]);
