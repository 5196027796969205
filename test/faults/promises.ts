import assert from 'node:assert/strict';
import { undisturbed } from '../support/simulated/fit.ts';
import type { Installation } from './installation.ts';
import { brokenPromises } from './invariants.ts';

/** Every promise was kept of these sweeps, whose trainers were simulated, and every run has succeeded. */
export async function assertKept(all: Installation, sweeps: string[], { slots = 1 } = {}): Promise<void> {
  const expected = async (...run: Parameters<typeof undisturbed>) => undisturbed(...run);
  const others = `SELECT id, state, message FROM run WHERE sweep_id = ANY($1) AND state <> 'succeeded'`;
  assert.deepEqual(await all.rows(others, [sweeps]), []);
  assert.deepEqual(await brokenPromises(all, { sweeps, slots, expected }), []);
}

/** Causes of a sweep's attempts, run by run. */
export async function causesOf({ rows }: Installation, sweep: string): Promise<string[][]> {
  const runs = await rows<{ causes: string[] }>(
    `SELECT array_agg(attempt.cause::text ORDER BY number) AS causes FROM attempt JOIN run ON run.id = run_id
     WHERE run.sweep_id = $1 GROUP BY run.position ORDER BY run.position`,
    [sweep],
  );
  return runs.map(({ causes }) => causes);
}
