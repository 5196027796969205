/** Every verb of users in every state: what the table refuses changes nothing. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { RunState, SweepState } from '@ablate/contracts';
import { type Database, endAttempt, finishRun, openDatabase } from '@ablate/db';
import {
  type Context,
  cancelRun,
  cancelSweep,
  changeSweep,
  findRun,
  findSweep,
  localContext,
  pauseRun,
  pauseSweep,
  planRetry,
  Refusal,
  RUN_VERBS,
  resumeRun,
  resumeSweep,
  retryRun,
  retrySweep,
  SWEEP_VERBS,
} from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { claim, newSweep, outboxFaults, RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());

type Verb = (context: Context, id: string) => Promise<unknown>;
const ON_RUNS: Record<keyof typeof RUN_VERBS, Verb> = {
  cancelled: cancelRun,
  paused: pauseRun,
  resumed: resumeRun,
  retried: retryRun,
};
const ON_SWEEPS: Record<keyof typeof SWEEP_VERBS, Verb> = {
  changed: (of, sweepId) => changeSweep(of, { sweepId, priority: 3, limits: { running: 7 } }),
  cancelled: cancelSweep,
  paused: pauseSweep,
  resumed: resumeSweep,
  retried: (of, sweepId) => retrySweep(of, { sweepId }),
};

/** Every row of every table, as text. */
async function everything(): Promise<string[]> {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const { rows } = await db.pool.query<{ row: string }>(
    `${tables.map(({ name }) => `SELECT '${name} ' || of::text AS row FROM ${name} AS of`).join(' UNION ALL ')} ORDER BY 1`,
  );
  return rows.map(({ row }) => row);
}

const isConflict = (error: unknown) => error instanceof Refusal && error.code === 'conflict';

/** A sweep of two runs, the first of them in this state. */
async function runIn(state: RunState): Promise<{ sweepId: string; runId: string }> {
  const { id: sweepId } = await newSweep(db, { configs: 2 });
  const [job] = await waitingJobs(db, sweepId);
  assert.ok(job);
  const { runId } = job;
  if (state === 'cancelled') await cancelRun(context, runId);
  else if (state === 'pruned')
    await db.pool.query(
      `WITH gone AS (DELETE FROM outbox WHERE run_id = $1)
    UPDATE run SET state = 'pruned', cause = 'completed', finished_at = now() WHERE id = $1`,
      [runId],
    );
  else if (state !== 'queued') {
    assert.ok(await claim(db, job));
    if (state === 'succeeded') await finishRun(db, { ...job, result: RESULT });
    if (state === 'failed') await endAttempt(db, { ...job, cause: 'diverged', message: 'test' });
  }
  assert.equal((await findRun(context, runId)).state, state);
  return { sweepId, runId };
}

/** A sweep in this state; in states that allow it, with a failed run. */
async function sweepIn(state: SweepState): Promise<string> {
  const { sweepId } = await runIn(state === 'queued' ? 'queued' : 'failed');
  if (state === 'paused') await pauseSweep(context, sweepId);
  if (state === 'cancelled') await cancelSweep(context, sweepId);
  if (state === 'finished')
    for (const job of await waitingJobs(db, sweepId)) {
      await claim(db, job);
      await finishRun(db, { ...job, result: RESULT });
    }
  assert.equal((await findSweep(context, sweepId)).state, state);
  return sweepId;
}

for (const [verb, states] of Object.entries(RUN_VERBS))
  test(`a run is ${verb} if it is ${states.join(', ')}; else it is refused, and no row changes`, async () => {
    for (const state of RunState.options) {
      const { runId } = await runIn(state);
      const before = await everything();
      const asked = ON_RUNS[verb as keyof typeof RUN_VERBS](context, runId);
      if (states.some((one) => one === state)) await asked;
      else {
        await assert.rejects(asked, isConflict, `${state} is not refused`);
        assert.deepEqual(await everything(), before, state);
      }
    }
    assert.deepEqual(await outboxFaults(db), []);
  });

for (const [verb, states] of Object.entries(SWEEP_VERBS))
  test(`a sweep is ${verb} if it is ${states.join(', ')}; else it is refused, and no row changes`, async () => {
    for (const state of SweepState.options) {
      const sweepId = await sweepIn(state);
      const before = await everything();
      const asked = ON_SWEEPS[verb as keyof typeof SWEEP_VERBS](context, sweepId);
      const nothingToRetry = verb === 'retried' && state === 'queued';
      if (states.some((one) => one === state) && !nothingToRetry) await asked;
      else {
        await assert.rejects(asked, isConflict, `${state} is not refused`);
        assert.deepEqual(await everything(), before, state);
      }
    }
    assert.deepEqual(await outboxFaults(db), []);
  });

test('a verb with an unknown id is refused as not found, and no row changes', async () => {
  const before = await everything();
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const verb of [...Object.values(ON_RUNS), ...Object.values(ON_SWEEPS)])
    await assert.rejects(verb(context, unknown), (error) => error instanceof Refusal && error.code === 'not_found');
  assert.deepEqual(await everything(), before);
});

test('the message of a refusal names the state and the states that accept the verb', async () => {
  const { runId } = await runIn('cancelled');
  await assert.rejects(
    resumeRun(context, runId),
    /^Refusal: the run is cancelled: only a queued or running run can be resumed$/,
  );
  const sweepId = await sweepIn('finished');
  await assert.rejects(
    cancelSweep(context, sweepId),
    /the sweep is finished: only a queued, running or paused sweep can be cancelled/,
  );
});

test('retrying a sweep requeues its failed and cancelled runs, or those in one state, and opens it again', async () => {
  const { sweepId, runId } = await runIn('failed');
  await cancelSweep(context, sweepId);
  assert.deepEqual(await planRetry(context, { sweepId }), { runs: 2, failed: 1, cancelled: 1 });
  const { state, counts } = await retrySweep(context, { sweepId, state: 'failed' });
  assert.deepEqual([state, counts.queued, counts.cancelled], ['running', 1, 1]);
  assert.equal((await findRun(context, runId)).state, 'queued');
  await assert.rejects(
    retrySweep(context, { sweepId, state: 'failed' }),
    /no run of this sweep is failed: nothing to retry/,
  );
  assert.equal((await retrySweep(context, { sweepId })).counts.queued, 2);
  assert.deepEqual(await outboxFaults(db), []);
});
