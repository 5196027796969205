import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import {
  beat,
  claimRun,
  type Database,
  endAttempt,
  finishRun,
  openDatabase,
  reapLost,
  recordCheckpoint,
  recordMetrics,
  startAttempt,
} from '@ablate/db';
import { cancelRun, findRun, listCheckpoints, listMetrics, localContext } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import {
  checkpoint,
  claim,
  claimedJob,
  newSweep,
  outboxFaults,
  PROGRESS,
  RESULT,
  STARTED,
  waitingJobs,
} from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());

const metric = (step: number, value: number) => ({ name: 'loss', step, epoch: step / 10, value });
const outboxOf = async (runId: string): Promise<number[]> =>
  (await db.pool.query<{ attempt: number }>('SELECT attempt FROM outbox WHERE run_id = $1', [runId])).rows.map(
    ({ attempt }) => attempt,
  );

test('one of several claims of a job succeeds, with config, seed and checkpoints', async () => {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  assert.ok(job);
  const claims = await Promise.all(
    Array.from({ length: 8 }, (_, i) => claimRun(db, { ...job, worker: `worker ${i}` })),
  );
  const [claim, ...others] = claims.filter((c) => c !== null);
  assert.deepEqual(others, []);
  assert.deepEqual([claim?.seed, claim?.config.model.family, claim?.checkpoints], [1, 'vit', []]);
  assert.deepEqual(await outboxOf(job.runId), []);
});

test('a claim of any attempt but the next fails', async () => {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  assert.ok(job);
  for (const attempt of [0, 2]) assert.equal(await claimRun(db, { ...job, attempt, worker: 'w' }), null);
});

test('a fenced attempt writes nothing: no start, metric, checkpoint, result, end or heartbeat', async () => {
  const old = await claimedJob(db);
  assert.equal(await recordMetrics(db, { ...old, rows: [metric(1, 1)] }), true);
  assert.equal(await endAttempt(db, { ...old, cause: 'lost', message: 'test' }), 'queued');
  const next = { ...old, attempt: old.attempt + 1 };
  assert.ok(await claim(db, next));

  assert.equal(await startAttempt(db, { ...old, ...STARTED }), false);
  assert.equal(await recordMetrics(db, { ...old, rows: [metric(1, 99), metric(2, 99)] }), false);
  assert.equal(await recordCheckpoint(db, { ...old, checkpoint: checkpoint('last', 5) }), false);
  assert.equal(await finishRun(db, { ...old, result: RESULT }), false);
  assert.equal(await endAttempt(db, { ...old, cause: 'user_error', message: 'zombie' }), null);
  assert.deepEqual(await beat(db, { ...old, progress: PROGRESS }), { held: false, stop: null });

  const run = await findRun(context, old.runId);
  assert.deepEqual([run.state, run.attempt, run.progress, run.valAccuracy], ['running', 2, null, null]);
  const { items } = await listMetrics(context, { runId: old.runId, limit: 10 });
  assert.deepEqual(items, [{ name: 'loss', step: 1, epoch: 0.1, value: 1 }]);
  assert.deepEqual(await listCheckpoints(context, old.runId), []);
});

test('a write that waits for a lock is refused if the attempt is fenced meanwhile', async () => {
  const job = await claimedJob(db);
  const client = await db.pool.connect();
  await client.query('BEGIN');
  await client.query(`UPDATE run SET state = 'queued' WHERE id = $1`, [job.runId]);
  const waiting = Promise.all([
    recordMetrics(db, { ...job, rows: [metric(1, 1)] }),
    recordCheckpoint(db, { ...job, checkpoint: checkpoint('last', 1) }),
    finishRun(db, { ...job, result: RESULT }),
  ]);
  // Wait until all three wait for the lock.
  for (let blocked = 0; blocked < 3; ) {
    const { rows } = await db.pool.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    blocked = rows[0]?.n ?? 0;
  }
  await client.query('COMMIT');
  client.release();
  const [metrics, written, finished] = await waiting;
  assert.deepEqual([metrics, written, finished], [false, false, false]);
  assert.deepEqual((await listMetrics(context, { runId: job.runId, limit: 10 })).items, []);
  await db.pool.query('DELETE FROM run WHERE id = $1', [job.runId]);
});

test('metrics are overwritten step by step, the last value of a step wins, and a value that is not finite is null', async () => {
  const job = await claimedJob(db);
  await recordMetrics(db, { ...job, rows: [metric(1, 5), metric(1, 4), metric(2, Number.NaN)] });
  await recordMetrics(db, { ...job, rows: [metric(2, 3), metric(3, Number.POSITIVE_INFINITY)] });
  const { items } = await listMetrics(context, { runId: job.runId, limit: 10 });
  assert.deepEqual(
    items.map(({ step, value }) => [step, value]),
    [
      [1, 4],
      [2, 3],
      [3, null],
    ],
  );
});

test('a checkpoint replaces the one of its kind, which is retained, and the next claim lists the newest first', async () => {
  const job = await claimedJob(db);
  const record = (file: ReturnType<typeof checkpoint>) => recordCheckpoint(db, { ...job, checkpoint: file });
  assert.equal(await record(checkpoint('best', 10)), true);
  assert.equal(await record(checkpoint('last', 10)), true);
  assert.equal(await record(checkpoint('last', 20)), true);
  assert.equal(await record(checkpoint('last', 20)), true);
  await endAttempt(db, { ...job, cause: 'preempted', message: 'test' });
  const again = await claim(db, { ...job, attempt: 2 });
  assert.deepEqual(
    again?.checkpoints.map(({ id: _, ...file }) => file),
    [checkpoint('last', 20), checkpoint('last', 10), checkpoint('best', 10)],
  );
});

test('a claim has the device seconds of earlier attempts that are not lost', async () => {
  const job = await claimedJob(db);
  await recordCheckpoint(db, { ...job, checkpoint: checkpoint('last', 10) });
  await db.pool.query(`UPDATE attempt SET started_at = now() - interval '90 seconds' WHERE run_id = $1`, [job.runId]);
  await endAttempt(db, { ...job, cause: 'preempted', message: 'test' });
  const again = await claim(db, { ...job, attempt: 2 });
  assert.ok(Math.abs((again?.spentSeconds ?? 0) - 90) < 10, `${again?.spentSeconds}`);
});

test('a finished run has its figures and is final, and finishing is idempotent', async () => {
  const job = await claimedJob(db);
  assert.equal(await startAttempt(db, { ...job, ...STARTED, notes: ['ran eagerly'] }), true);
  assert.equal(await finishRun(db, { ...job, result: RESULT }), true);
  assert.equal(await finishRun(db, { ...job, result: { ...RESULT, valAccuracy: 0 } }), true);
  const run = await findRun(context, job.runId);
  assert.deepEqual(
    [run.state, run.cause, run.valAccuracy, run.trainAccuracy, run.testAccuracy, run.notes],
    ['succeeded', 'completed', 0.5, 0.75, 0.25, ['ran eagerly']],
  );
  assert.equal(await endAttempt(db, { ...job, cause: 'lost', message: 'late' }), null);
  for (const state of ['queued', 'running', 'failed', 'succeeded'])
    await assert.rejects(
      db.pool.query('UPDATE run SET state = $2::run_state WHERE id = $1', [job.runId, state]),
      /succeeded is final/,
    );
});

test('the database refuses invalid transitions', async () => {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  const update = (set: string) => db.pool.query(`UPDATE run SET ${set} WHERE id = $1`, [job?.runId]);
  await assert.rejects(update(`state = 'succeeded'`), /succeeded does not follow queued/);
  await assert.rejects(update(`state = 'running'`), /starting takes attempt 1, not 0/);
  await assert.rejects(update('attempt = -1'), /goes from 0 back/);
});

for (const [cause, state] of [
  ['user_error', 'failed'],
  ['diverged', 'failed'],
  ['out_of_memory', 'failed'],
  ['cancelled', 'cancelled'],
  ['preempted', 'queued'],
  ['lost', 'queued'],
] as const)
  test(`an attempt that ends ${cause} leaves its run ${state}`, async () => {
    const job = await claimedJob(db);
    assert.equal(await endAttempt(db, { ...job, cause, message: 'why' }), state);
    const run = await findRun(context, job.runId);
    const ended = state !== 'queued';
    assert.deepEqual(
      [run.state, run.cause, run.message, run.finishedAt !== null],
      [state, ended ? cause : null, ended ? 'why' : null, ended],
    );
    assert.deepEqual(await outboxOf(job.runId), ended ? [] : [2]);
    const { rows } = await db.pool.query('SELECT number, cause, message FROM attempt WHERE run_id = $1', [job.runId]);
    assert.deepEqual(rows, [{ number: 1, cause, message: 'why' }]);
  });

test('three losses in a row fail a run, and a newer checkpoint or another ending resets the count', async () => {
  const { runId } = await claimedJob(db);
  let attempt = 1;
  const end = async (cause: 'lost' | 'preempted') => {
    const state = await endAttempt(db, { runId, attempt, cause, message: 'test' });
    if (state === 'queued') assert.ok(await claim(db, { runId, attempt: ++attempt }));
    return state;
  };
  const save = (step: number) => recordCheckpoint(db, { runId, attempt, checkpoint: checkpoint('last', step) });

  assert.deepEqual([await end('lost'), await end('lost')], ['queued', 'queued']);
  await save(10);
  assert.deepEqual([await end('lost'), await end('lost'), await end('preempted')], ['queued', 'queued', 'queued']);
  await save(10);
  assert.deepEqual([await end('lost'), await end('lost'), await end('lost')], ['queued', 'queued', 'failed']);
  assert.deepEqual((({ state, cause }) => [state, cause])(await findRun(context, runId)), ['failed', 'lost']);
});

test('a heartbeat returns a cancel request, and any ending of the attempt then cancels the run', async () => {
  for (const cause of ['lost', 'preempted', 'cancelled'] as const) {
    const job = await claimedJob(db);
    assert.deepEqual(await beat(db, { ...job, progress: PROGRESS }), { held: true, stop: null });
    assert.equal((await cancelRun(context, job.runId)).state, 'running');
    assert.deepEqual(await beat(db, job), {
      held: true,
      stop: { cause: 'cancelled', reason: 'cancelled by a user' },
    });
    assert.equal(await endAttempt(db, { ...job, cause, message: 'asked' }), 'cancelled');
    const run = await findRun(context, job.runId);
    assert.deepEqual([run.state, run.cause, run.progress], ['cancelled', 'cancelled', PROGRESS]);
  }
});

test('a run without a heartbeat within the lease is lost, by the database’s clock, and other runs are not', async () => {
  const [silent, alive] = [await claimedJob(db), await claimedJob(db)];
  await db.pool.query(`UPDATE run SET heartbeat_at = now() - interval '20 seconds' WHERE id = ANY($1)`, [
    [silent.runId, alive.runId],
  ]);
  await beat(db, alive);
  const [first, second] = await Promise.all([reapLost(db, { leaseSeconds: 15 }), reapLost(db, { leaseSeconds: 15 })]);
  assert.deepEqual([...first, ...second], [{ ...silent, state: 'queued' }]);
  assert.deepEqual(await outboxOf(silent.runId), [2]);
  assert.equal((await findRun(context, alive.runId)).state, 'running');
});

test('after all of this, every queued run has one row in the outbox, and no other run has one', async () => {
  assert.deepEqual(await outboxFaults(db), []);
});
