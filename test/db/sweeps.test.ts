import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { canonicalHash, type RunJob } from '@ablate/contracts';
import { claimRun, type Database, endAttempt, finishRun, openDatabase, recordMetrics } from '@ablate/db';
import {
  cancelRun,
  cancelSweep,
  createSweep,
  findRun,
  findSweep,
  listMetrics,
  listRuns,
  listSweeps,
  localContext,
  Refusal,
  retryRun,
} from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { claim, claimedJob, newSweep, outboxFaults, RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());

const refusal = (code: Refusal['code']) => (error: unknown) => error instanceof Refusal && error.code === code;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** Every page of a list, two items at a time. */
async function allPages<T>(
  read: (cursor?: string) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: { items: T[]; nextCursor: string | null } = await read(cursor ?? undefined);
    assert.ok(page.items.length <= 2);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

test('a sweep has a run for each config and seed, each queued once, seed by seed', async () => {
  const sweep = await newSweep(db, { configs: 3, seeds: 2 });
  assert.deepEqual([sweep.state, sweep.counts.queued], ['queued', 6]);
  const { items } = await listRuns(context, { sweepId: sweep.id, limit: 10 });
  assert.equal(new Set(items.map(({ configId }) => configId)).size, 3);
  for (const { config, configHash } of items) assert.equal(configHash, canonicalHash(config));
  assert.deepEqual(
    items.map(({ axes, seed }) => [axes['model.depth'], seed]),
    [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 2],
      [2, 2],
      [3, 2],
    ],
  );
  const jobs = await waitingJobs(db, sweep.id);
  assert.deepEqual(
    jobs,
    items.map(({ id }) => ({ runId: id, attempt: 1 })),
  );
});

test('a sweep is written whole or not at all', async () => {
  const before = await db.pool.query('SELECT count(*) FROM sweep');
  const sweep = await newSweep(db);
  const { spec } = await findSweep(context, sweep.id);
  const { rows } = await db.pool.query('SELECT config, axes, hash FROM config WHERE sweep_id = $1', [sweep.id]);
  await db.pool.query('DELETE FROM sweep WHERE id = $1', [sweep.id]);
  await assert.rejects(
    createSweep(context, { spec: Object(spec), points: [rows[0], rows[0]] }),
    /config_sweep_id_hash_key/,
  );
  assert.deepEqual((await db.pool.query('SELECT count(*) FROM sweep')).rows, before.rows);
});

test('ten thousand runs are written at once, and deleting runs deletes their outbox rows', async () => {
  const waiting = async () => (await db.pool.query('SELECT count(*)::int AS n FROM outbox')).rows[0].n;
  const before = await waiting();
  const sweep = await newSweep(db, { configs: 100, seeds: 100 });
  assert.equal((await findSweep(context, sweep.id)).counts.queued, 10_000);
  assert.equal(await waiting(), before + 10_000);
  await db.pool.query('DELETE FROM sweep WHERE id = $1', [sweep.id]);
  assert.equal(await waiting(), before);
  const client = await db.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('TRUNCATE sweep CASCADE');
    assert.equal((await client.query('SELECT FROM outbox')).rowCount, 0);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});

test('pages cover a list without a gap or a duplicate', async () => {
  const made: string[] = [];
  for (let i = 0; i < 5; i++) made.unshift((await newSweep(db, { configs: 5 })).id);
  const sweeps = await allPages((cursor) => listSweeps(context, { limit: 2, cursor }));
  assert.deepEqual(
    sweeps.map(({ id }) => id).filter((id) => made.includes(id)),
    made,
  );
  assert.equal(new Set(sweeps.map(({ id }) => id)).size, sweeps.length);

  const sweepId = made[0]!;
  const runs = await allPages((cursor) => listRuns(context, { sweepId, limit: 2, cursor }));
  assert.deepEqual(
    runs.map(({ axes }) => axes['model.depth']),
    [1, 2, 3, 4, 5],
  );
  assert.deepEqual((await listRuns(context, { sweepId, limit: 9, state: 'failed' })).items, []);

  const job = await claimedJob(db);
  const rows = ['b', 'a'].flatMap((name) => [3, 1, 2].map((step) => ({ name, step, epoch: 0, value: step })));
  await recordMetrics(db, { ...job, rows });
  const metrics = await allPages((cursor) => listMetrics(context, { runId: job.runId, limit: 2, cursor }));
  assert.deepEqual(
    metrics.map(({ name, step }) => `${name}${step}`),
    ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'],
  );
  assert.equal((await listMetrics(context, { runId: job.runId, limit: 10, name: 'b' })).items.length, 3);
});

test('an invalid cursor, or one of another list, is refused', async () => {
  const { id } = await newSweep(db);
  for (const cursor of ['', 'x', 'bm9uc2Vuc2U', Buffer.from('["a",1]').toString('base64url')])
    await assert.rejects(listRuns(context, { sweepId: id, limit: 1, cursor }), refusal('bad_cursor'), cursor);
  await assert.rejects(listSweeps(context, { limit: 1, cursor: 'MQ' }), refusal('bad_cursor'));
  const cursorOf = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
  for (const key of [
    [0.5, 1],
    ['queued', 1],
    [1, -1],
    [3e9, 1],
  ])
    await assert.rejects(listRuns(context, { sweepId: id, limit: 1, cursor: cursorOf(key) }), refusal('bad_cursor'));
  for (const key of [
    ['a', 1],
    [1, 1],
    ['\0', 1],
  ])
    await assert.rejects(
      listRuns(context, { sweepId: id, limit: 1, order: 'state', cursor: cursorOf(key) }),
      refusal('bad_cursor'),
    );
  await assert.rejects(
    listSweeps(context, { limit: 1, order: 'name', cursor: cursorOf(['\0', id]) }),
    refusal('bad_cursor'),
  );
});

test('an unknown id is refused', async () => {
  for (const verb of [findSweep, cancelSweep, findRun, cancelRun, retryRun])
    await assert.rejects(verb(context, UNKNOWN), refusal('not_found'), verb.name);
  await assert.rejects(listRuns(context, { sweepId: UNKNOWN, limit: 1 }), refusal('not_found'));
  await assert.rejects(listMetrics(context, { runId: UNKNOWN, limit: 1 }), refusal('not_found'));
});

test('the state of a sweep follows from its runs', async () => {
  const { id } = await newSweep(db, { configs: 2 });
  const stateOf = async () => (await findSweep(context, id)).state;
  const jobs = await waitingJobs(db, id);
  assert.equal(await stateOf(), 'queued');
  for (const job of jobs) {
    await claimRun(db, { ...job, worker: 'w' });
    assert.equal(await stateOf(), 'running');
    await finishRun(db, { ...job, result: RESULT });
    assert.equal(await stateOf(), job === jobs[1] ? 'finished' : 'running');
  }
});

test('cancelling a sweep cancels queued runs at once, asks running ones to stop, and leaves finished ones', async () => {
  const { id } = await newSweep(db, { configs: 3 });
  const [finished, running, waiting] = await waitingJobs(db, id);
  assert.ok(finished && running && waiting);
  await claimRun(db, { ...finished, worker: 'w' });
  await finishRun(db, { ...finished, result: RESULT });
  await claimRun(db, { ...running, worker: 'w' });

  const { state, counts } = await cancelSweep(context, id);
  assert.deepEqual([state, counts.succeeded, counts.running, counts.cancelled], ['cancelled', 1, 1, 1]);
  assert.equal(await claimRun(db, { ...waiting, worker: 'w' }), null);
  assert.deepEqual(await waitingJobs(db, id), []);
  assert.equal(await endAttempt(db, { ...running, cause: 'preempted', message: '' }), 'cancelled');
  assert.equal((await cancelSweep(context, id)).counts.cancelled, 2);
});

test('cancelling a queued run is immediate and idempotent; cancelling a finished run is refused', async () => {
  const { id } = await newSweep(db);
  const [job] = await waitingJobs(db, id);
  assert.ok(job);
  assert.deepEqual((({ state, cause }) => [state, cause])(await cancelRun(context, job.runId)), [
    'cancelled',
    'cancelled',
  ]);
  assert.deepEqual(await waitingJobs(db, id), []);
  assert.equal((await cancelRun(context, job.runId)).state, 'cancelled');
  const done = await claimedJob(db);
  await finishRun(db, { ...done, result: RESULT });
  await assert.rejects(cancelRun(context, done.runId), refusal('conflict'));
});

test('a concurrent claim and cancel of a run agree on the outcome', async () => {
  const jobs = await waitingJobs(db, (await newSweep(db, { configs: 20 })).id);
  await Promise.all(
    jobs.map(async (job) => {
      const [claimed, run] = await Promise.all([claimRun(db, { ...job, worker: 'w' }), cancelRun(context, job.runId)]);
      const { state } = await findRun(context, job.runId);
      assert.equal(state, claimed === null ? 'cancelled' : 'running');
      assert.equal(run.state, state);
    }),
  );
});

for (const [verb, cancel] of [
  ['cancelRun', ({ runId }: RunJob) => cancelRun(context, runId)],
  ['cancelSweep', (_: RunJob, sweepId: string) => cancelSweep(context, sweepId)],
] as const)
  test(`${verb} cancels a run that is requeued meanwhile`, async () => {
    const { id } = await newSweep(db);
    const [job] = await waitingJobs(db, id);
    assert.ok(job && (await claimRun(db, { ...job, worker: 'w' })));
    const requeue = await db.pool.connect();
    await requeue.query('BEGIN');
    await requeue.query(`UPDATE run SET state = 'queued' WHERE id = $1`, [job.runId]);
    await requeue.query('INSERT INTO outbox (run_id, attempt, sweep_id, position) VALUES ($1, 2, $2, 0)', [
      job.runId,
      id,
    ]);
    const cancelled = cancel(job, id);
    for (let blocked = 0; blocked === 0; ) {
      const { rows } = await db.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      blocked = rows.length;
    }
    await requeue.query('COMMIT');
    requeue.release();
    await cancelled;
    assert.equal((await findRun(context, job.runId)).state, 'cancelled');
    assert.deepEqual(await outboxFaults(db), []);
  });

test('a failed or cancelled run can be retried and continues with the next attempt; any other is refused', async () => {
  const job = await claimedJob(db);
  await assert.rejects(retryRun(context, job.runId), refusal('conflict'));
  await endAttempt(db, { ...job, cause: 'diverged', message: 'loss is NaN' });
  const retried = await retryRun(context, job.runId);
  assert.deepEqual([retried.state, retried.cause, retried.message, retried.finishedAt], ['queued', null, null, null]);
  await assert.rejects(retryRun(context, job.runId), refusal('conflict'));
  assert.ok(await claim(db, { ...job, attempt: 2 }));
  await finishRun(db, { ...job, attempt: 2, result: RESULT });
  await assert.rejects(retryRun(context, job.runId), refusal('conflict'));
});

test('retrying a run of a cancelled sweep reopens the sweep', async () => {
  const { id } = await newSweep(db);
  const [job] = await waitingJobs(db, id);
  await cancelSweep(context, id);
  await retryRun(context, job!.runId);
  assert.equal((await findSweep(context, id)).state, 'queued');
  assert.deepEqual(await waitingJobs(db, id), [job]);
});

test('after all of this, every queued run has one row in the outbox, and no other run has one', async () => {
  assert.deepEqual(await outboxFaults(db), []);
});
