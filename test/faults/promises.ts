import assert from 'node:assert/strict';
import type { Installation } from '@ablate/harness/installation';
import { undisturbed } from '@ablate/harness/simulated/fit';
import { violations } from './invariants.ts';

/** Asserts that every run of these sweeps with simulated trainers succeeded and every invariant holds. */
export async function assertKept(all: Installation, sweeps: string[], { slots = 1 } = {}): Promise<void> {
  const expected = async (...run: Parameters<typeof undisturbed>) => undisturbed(...run);
  const others = `SELECT id, state, message FROM run WHERE sweep_id = ANY($1) AND state <> 'succeeded'`;
  assert.deepEqual(await all.rows(others, [sweeps]), []);
  assert.deepEqual(await violations(all, { sweeps, slots, expected }), []);
}

/** The causes of a sweep's attempts, for each run. */
export async function causesOf({ rows }: Installation, sweep: string): Promise<string[][]> {
  const runs = await rows<{ causes: string[] }>(
    `SELECT array_agg(attempt.cause::text ORDER BY number) AS causes FROM attempt JOIN run ON run.id = run_id
     WHERE run.sweep_id = $1 GROUP BY run.position ORDER BY run.position`,
    [sweep],
  );
  return runs.map(({ causes }) => causes);
}
