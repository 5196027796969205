import assert from 'node:assert/strict';
import test, { after, beforeEach } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  askToYield,
  beat,
  claimRun,
  type Database,
  decline,
  dispatch,
  dispatchedRuns,
  endAttempt,
  enforceBudgets,
  inTransaction,
  openDatabase,
  openReaper,
  reapLost,
  registerWorker,
  repairOutbox,
  tryLead,
} from '@ablate/db';
import {
  cancelRun,
  cancelSweep,
  changeSweep,
  findRun,
  findSweep,
  localContext,
  pauseRun,
  pauseSweep,
  Refusal,
  resumeRun,
  resumeSweep,
  setOwner,
} from '@ablate/sweeps';
import type pg from 'pg';
import { testDatabase } from '../support/postgres.ts';
import { claim, newSweep, outboxFaults, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());
beforeEach(async () => {
  await db.pool.query('DELETE FROM sweep');
  await db.pool.query(`DELETE FROM owner WHERE name <> 'default'`);
});

async function sweepOf(runId: string): Promise<string> {
  const { rows } = await db.pool.query<{ name: string }>(
    'SELECT name FROM sweep JOIN run ON run.sweep_id = sweep.id WHERE run.id = $1',
    [runId],
  );
  return rows[0]?.name ?? 'none';
}
const sweepsOf = (jobs: { runId: string }[]) => Promise.all(jobs.map(({ runId }) => sweepOf(runId)));
/** Names of the sweeps whose runs are dispatched next. */
const next = async (room: number) => sweepsOf((await dispatch(db, { window: 100, room })).jobs);
const count = (names: string[], name: string) => names.filter((other) => other === name).length;

test('owners take turns, however much one of them submitted earlier', async () => {
  await newSweep(db, { name: 'large', owner: 'ann', configs: 20 });
  await newSweep(db, { name: 'small', owner: 'bob', configs: 2 });
  assert.deepEqual(await next(5), ['large', 'small', 'large', 'small', 'large']);
});

test('runs dispatched one by one still follow the owners’ weights', async () => {
  await setOwner(context, { name: 'ann', weight: 3 });
  await setOwner(context, { name: 'bob', weight: 0.5 });
  for (const owner of ['ann', 'bob', 'cid']) await newSweep(db, { name: owner, owner, configs: 90 });
  const handed: string[] = [];
  for (let i = 0; i < 90; i++) handed.push(...(await next(1)));
  assert.deepEqual([count(handed, 'ann'), count(handed, 'bob'), count(handed, 'cid')], [60, 10, 20]);
});

test('an owner without waiting runs keeps no credit', async () => {
  for (const owner of ['ann', 'bob']) await newSweep(db, { name: owner, owner, configs: 1 });
  await next(2);
  await newSweep(db, { name: 'ann', owner: 'ann', configs: 50 });
  assert.equal((await next(20)).length, 20);
  await newSweep(db, { name: 'bob', owner: 'bob', configs: 50 });
  const handed = await next(10);
  assert.deepEqual([count(handed, 'ann'), count(handed, 'bob')], [5, 5]);
});

test('within one owner the higher priority comes first, then the older sweep, then the earlier run', async () => {
  const first = await newSweep(db, { name: 'first', configs: 2 });
  await newSweep(db, { name: 'second', configs: 2 });
  await newSweep(db, { name: 'urgent', configs: 2, priority: 5 });
  assert.deepEqual(await next(1), ['urgent']);
  await changeSweep(context, { sweepId: first.id, priority: 9 });
  assert.deepEqual(await next(9), ['first', 'first', 'urgent', 'urgent', 'second', 'second']); // one was recalled
});

test('an unclaimed run is recalled for a run of higher priority', async () => {
  await newSweep(db, { name: 'slow', configs: 4 });
  const [low] = (await dispatch(db, { window: 2, room: 2 })).jobs;
  await newSweep(db, { name: 'other', owner: 'ann', priority: 3 });
  await newSweep(db, { name: 'urgent', configs: 1, priority: 1 });
  const { jobs, recalled } = await dispatch(db, { window: 2, room: 0 });
  assert.deepEqual([await sweepsOf(jobs), await sweepsOf(recalled)], [['other'], ['slow']]);
  assert.equal(await claimRun(db, { ...recalled[0]!, worker: 'w' }), null);
  assert.ok(await claimRun(db, { ...low!, worker: 'w' }));
  assert.deepEqual((await next(1)).length, 1);
});

test('no sweep and no owner exceeds its limit of runs in the queue and in workers', async () => {
  await setOwner(context, { name: 'ann', limits: { running: 3 } });
  await newSweep(db, { name: 'two', owner: 'ann', configs: 9, limits: { running: 2 } });
  await newSweep(db, { name: 'rest', owner: 'ann', configs: 9 });
  await newSweep(db, { name: 'free', configs: 2 });
  const { jobs } = await dispatch(db, { window: 100, room: 100 });
  const names = await sweepsOf(jobs);
  assert.deepEqual([count(names, 'two'), count(names, 'rest'), count(names, 'free')], [2, 1, 2]);
  for (const job of jobs) assert.ok(await claimRun(db, { ...job, worker: 'w' }));
  assert.deepEqual(await next(100), []);
  const two = jobs[names.indexOf('two')]!;
  await endAttempt(db, { ...two, cause: 'user_error', message: '' });
  assert.deepEqual(await next(100), ['two']);
  await setOwner(context, { name: 'ann', limits: { running: null } });
  assert.equal((await next(100)).length, 8);
});

test('concurrent dispatchers do not exceed a limit', async () => {
  await newSweep(db, { configs: 20, limits: { running: 3 } });
  const handed = await Promise.all(Array.from({ length: 6 }, () => dispatch(db, { window: 20, room: 20 })));
  assert.equal(handed.flatMap(({ jobs }) => jobs).length, 3);
});

test('a paused sweep dispatches nothing, recalls unclaimed runs and asks running ones to stop', async () => {
  const { id } = await newSweep(db, { configs: 4 });
  const [running, queued] = (await dispatch(db, { window: 2, room: 2 })).jobs;
  await claimRun(db, { ...running!, worker: 'w' });
  assert.equal((await pauseSweep(context, id)).state, 'paused');
  assert.equal(await claimRun(db, { ...queued!, worker: 'w' }), null);
  assert.deepEqual([await next(10), await dispatchedRuns(db)], [[], []]);
  assert.deepEqual((await beat(db, running!)).stop, { cause: 'preempted', reason: 'paused by a user' });
  await endAttempt(db, { ...running!, cause: 'preempted', message: '' });
  assert.deepEqual([await next(10), (await findRun(context, running!.runId)).paused], [[], true]);

  assert.equal((await resumeSweep(context, id)).state, 'queued');
  const { jobs } = await dispatch(db, { window: 9, room: 9 });
  assert.deepEqual(jobs[0], { ...running!, attempt: 2 }); // a requeued run comes before one that never started
  assert.equal(jobs.length, 4);
});

test('a sweep that is resumed before the next heartbeat goes on undisturbed', async () => {
  const { id } = await newSweep(db);
  const [job] = await waitingJobs(db, id);
  await claimRun(db, { ...job!, worker: 'w' });
  await pauseSweep(context, id);
  await pauseSweep(context, id);
  await resumeSweep(context, id);
  assert.deepEqual(await beat(db, job!), { held: true, stop: null });
});

test('a queued or running run can be paused by itself', async () => {
  const { id } = await newSweep(db, { configs: 3 });
  const [running, waiting, other] = await waitingJobs(db, id);
  await claimRun(db, { ...running!, worker: 'w' });
  assert.deepEqual(
    [(await pauseRun(context, running!.runId)).paused, (await pauseRun(context, waiting!.runId)).paused],
    [true, true],
  );
  assert.deepEqual(await dispatchedRuns(db), [other]);
  assert.equal((await beat(db, running!)).stop?.cause, 'preempted');
  await endAttempt(db, { ...running!, cause: 'preempted', message: '' });
  assert.deepEqual(await next(10), []);
  await resumeRun(context, running!.runId);
  assert.deepEqual((await dispatch(db, { window: 9, room: 9 })).jobs, [{ ...running!, attempt: 2 }]);
  await cancelSweep(context, id);
  await assert.rejects(pauseRun(context, waiting!.runId), (e) => e instanceof Refusal && e.code === 'conflict');
  await assert.rejects(pauseSweep(context, id), (e) => e instanceof Refusal && e.code === 'conflict');
});

test('a concurrent pause and claim of a run agree on the outcome', async () => {
  const { id } = await newSweep(db, { configs: 20 });
  const jobs = await waitingJobs(db, id);
  await Promise.all([...jobs.map((job) => claimRun(db, { ...job, worker: 'w' })), pauseSweep(context, id)]);
  for (const job of jobs) {
    const { state } = await findRun(context, job.runId);
    const heard = await beat(db, job);
    assert.deepEqual([state, heard.stop?.cause], heard.held ? ['running', 'preempted'] : ['queued', undefined]);
  }
  assert.deepEqual(await outboxFaults(db), []);
});

test('a lost run is requeued with a backoff that grows; a preempted one without', async () => {
  const { id } = await newSweep(db);
  const [job] = await waitingJobs(db, id);
  const pauses: number[] = [];
  for (const [attempt, cause] of [
    [1, 'preempted'],
    [2, 'lost'],
    [3, 'lost'],
  ] as const) {
    await claim(db, { ...job!, attempt });
    await endAttempt(db, { ...job!, attempt, cause, message: '' });
    const { rows } = await db.pool.query<{ seconds: number | null }>(
      'SELECT round(extract(epoch FROM not_before - now()))::integer AS seconds FROM outbox',
    );
    pauses.push(rows[0]?.seconds ?? 0);
    assert.equal((await next(1)).length, cause === 'lost' ? 0 : 1);
  }
  assert.deepEqual(pauses, [0, 1, 4]);
});

test('a sweep is cancelled once its attempts have used up its device hours', async () => {
  const { id } = await newSweep(db, { configs: 3, budget: { deviceHours: 2 } });
  const [done, running] = await waitingJobs(db, id);
  await claimRun(db, { ...done!, worker: 'w' });
  await endAttempt(db, { ...done!, cause: 'user_error', message: '' });
  await claimRun(db, { ...running!, worker: 'w' });
  assert.deepEqual(await enforceBudgets(db), []);
  await db.pool.query(`UPDATE attempt SET started_at = started_at - interval '61 minutes'`);
  const [ended] = await enforceBudgets(db);
  assert.deepEqual([ended?.sweepId, ended?.hours.toFixed(1)], [id, '2.0']);
  assert.deepEqual((await beat(db, running!)).stop, {
    cause: 'cancelled',
    reason: 'the sweep has used up its budget of 2 device hours',
  });
  assert.equal(await endAttempt(db, { ...running!, cause: 'cancelled', message: 'stopped' }), 'cancelled');
  const { counts } = await findSweep(context, id);
  assert.deepEqual([counts.failed, counts.cancelled], [1, 2]);
  assert.deepEqual(await enforceBudgets(db), []);
});

test('running runs are preempted for runs of their owner with higher priority, one for one, lowest priority and latest start first', async () => {
  const low = await newSweep(db, { name: 'low', configs: 2, priority: -1 });
  const middle = await newSweep(db, { name: 'middle', configs: 1 });
  await newSweep(db, { name: 'ann', owner: 'ann', configs: 1, priority: -9 });
  const { jobs } = await dispatch(db, { window: 9, room: 9 });
  for (const job of jobs) await claimRun(db, { ...job, worker: 'w' });
  await db.pool.query('UPDATE run SET started_at = now() - make_interval(secs => position)');
  await newSweep(db, { name: 'urgent', configs: 1, priority: 1 });
  await dispatch(db, { window: 9, room: 9 });
  assert.deepEqual(await askToYield(db, { patienceSeconds: 60 }), []);
  const [asked, ...others] = await askToYield(db, { patienceSeconds: 0 });
  assert.ok(asked);
  assert.deepEqual([await sweepOf(asked.runId), others], ['low', []]);
  assert.deepEqual(await askToYield(db, { patienceSeconds: 0 }), []);
  assert.match((await beat(db, asked)).stop?.reason ?? '', /higher priority/);
  assert.deepEqual(
    [(await findSweep(context, low.id)).counts.running, (await findSweep(context, middle.id)).counts.running],
    [2, 1],
  );
});

test('a run is preempted if its owner is at the limit and has a run of higher priority', async () => {
  await setOwner(context, { name: 'ann', limits: { running: 1 } });
  await newSweep(db, { name: 'low', owner: 'ann', configs: 2 });
  const [job] = (await dispatch(db, { window: 9, room: 9 })).jobs;
  await claimRun(db, { ...job!, worker: 'w' });
  assert.deepEqual(await askToYield(db, { patienceSeconds: 60 }), []);
  await newSweep(db, { name: 'urgent', owner: 'ann', configs: 3, priority: 1 });
  assert.deepEqual(await askToYield(db, { patienceSeconds: 60 }), [job]);
  await endAttempt(db, { ...job!, cause: 'preempted', message: '' });
  assert.deepEqual(await next(9), ['urgent']);
});

test('a dispatched run is not dispatched again, and is listed until it is claimed or cancelled', async () => {
  const { id } = await newSweep(db, { configs: 3 });
  const { jobs } = await dispatch(db, { window: 2, room: 2 });
  assert.equal((await next(10)).length, 1);
  assert.deepEqual((await dispatchedRuns(db)).slice(0, 2), jobs);
  await claimRun(db, { ...jobs[0]!, worker: 'w' });
  assert.equal((await dispatchedRuns(db)).length, 2);
  await cancelSweep(context, id);
  assert.deepEqual([await dispatchedRuns(db), await next(10)], [[], []]);
});

test('a run that was not dispatched cannot be claimed', async () => {
  const { id } = await newSweep(db);
  const { rows } = await db.pool.query<{ id: string }>('SELECT id FROM run WHERE sweep_id = $1', [id]);
  assert.equal(await claimRun(db, { runId: rows[0]!.id, attempt: 1, worker: 'w' }), null);
});

test('one process leads, and the next only after a release or a broken connection', async () => {
  const other = openDatabase({ url });
  const first = await tryLead(db);
  assert.ok(first);
  assert.deepEqual([await first.held(), await tryLead(other)], [true, null]);
  await first.release();
  assert.equal(await first.held(), false);

  const second = await tryLead(other);
  assert.ok(second);
  assert.equal(await tryLead(db), null);
  await db.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  const third = await until(() => tryLead(db));
  assert.equal(await second.held(), false);
  await second.release();
  assert.equal(await third.held(), true);
  await third.release();
  await other.close();
});

async function until<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await attempt();
    if (found !== null) return found;
  }
}

test('a process that freezes while dispatching does not block others', async (t) => {
  const frozen = openDatabase({ url });
  t.after(() => frozen.close());
  const sweep = await newSweep(db);
  let thaw = (): void => undefined;
  let locked = (): void => undefined;
  const hasLock = new Promise<void>((resolve) => {
    locked = resolve;
  });
  const work = async (client: pg.PoolClient): Promise<void> => {
    await client.query('SELECT pg_advisory_xact_lock(4711004)'); // the dispatch lock
    locked();
    await new Promise<void>((resolve) => {
      thaw = resolve;
    });
    await client.query('SELECT 1');
  };
  const stuck = inTransaction(frozen, work, { frozenSeconds: 0.3 });
  await hasLock;
  assert.equal((await waitingJobs(db, sweep.id)).length, 1);
  thaw();
  await assert.rejects(stuck);
});

test('pause, resume and changes of sweeps and runs are logged with their reason', async () => {
  const { id } = await newSweep(db, { configs: 2 });
  const [running] = await waitingJobs(db, id);
  await claimRun(db, { ...running!, worker: 'w' });
  await pauseSweep(context, id);
  await resumeSweep(context, id);
  await changeSweep(context, { sweepId: id, priority: 4, limits: { running: 1 } });
  await pauseRun(context, running!.runId);
  const { rows } = await db.pool.query<{ line: string }>(
    `SELECT concat_ws(' ', subject, state, message) AS line FROM event
     WHERE sweep_id = $1 AND (subject = 'sweep' OR (subject = 'run' AND before = state::text)) ORDER BY id`,
    [id],
  );
  assert.deepEqual(
    rows.map(({ line }) => line),
    [
      'sweep queued 2 runs queued',
      'sweep paused paused by a user',
      'run running stop requested: paused by a user',
      'sweep queued resumed by a user',
      'run running stop request withdrawn',
      'sweep queued priority 4, limit of concurrent runs: 1',
      'run running paused by a user',
    ],
  );
});

test('rows of the outbox that do not match the queued runs are repaired', async () => {
  const { id } = await newSweep(db, { configs: 3 });
  const [missing, stray, cancelled] = await waitingJobs(db, id);
  assert.ok(missing && stray && cancelled);
  assert.equal(await repairOutbox(db), 0);
  await cancelRun(context, cancelled.runId);
  await db.pool.query('DELETE FROM outbox WHERE run_id = $1', [missing.runId]);
  await db.pool.query('UPDATE outbox SET attempt = 7 WHERE run_id = $1', [stray.runId]);
  await db.pool.query('INSERT INTO outbox (run_id, attempt, dispatched_at) VALUES ($1, 1, now())', [cancelled.runId]);
  assert.equal(await repairOutbox(db), 4); // three are wrong, and the one with a wrong attempt is written again
  assert.deepEqual(await outboxFaults(db), []);
});

test('a run that a worker declines is dispatched again later, without an attempt; its message stands until it is claimed', async () => {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  assert.ok(job);
  await decline(db, { ...job, message: 'not here', seconds: 60 });
  assert.equal(await claimRun(db, { ...job, worker: 'w' }), null);
  const shown = async () => (({ state, message }) => [state, message])(await findRun(context, job.runId));
  assert.deepEqual(await shown(), ['queued', 'not here']);
  assert.deepEqual((await dispatch(db, { window: 100, room: 100 })).jobs, []);
  assert.ok(await claim(db, job));
  await decline(db, { ...job, message: 'too late', seconds: 60 });
  assert.deepEqual(await shown(), ['running', null]);
});

test('an expired lease is that of the worker that holds the run', async () => {
  const facts = { host: 'h', pid: 1, version: 'v', slots: 1, device: null };
  const [slow, gone] = await waitingJobs(db, (await newSweep(db, { configs: 2 })).id);
  assert.ok(slow && gone);
  await registerWorker(db, { ...facts, name: 'patient', leaseSeconds: 600 });
  assert.ok(await claimRun(db, { ...slow, worker: 'patient' }));
  assert.ok(await claimRun(db, { ...gone, worker: 'of an earlier version' }));
  await db.pool.query(`UPDATE run SET heartbeat_at = now() - interval '1 minute' WHERE state = 'running'`);
  assert.deepEqual(await reapLost(db, { leaseSeconds: null }), []);
  assert.deepEqual(await reapLost(db, { leaseSeconds: 15 }), [{ ...gone, state: 'queued' }]);
});

test('leases that expire while the machine sleeps begin again, once', async () => {
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  assert.ok(job && (await claim(db, job)));
  const gaps: string[] = [];
  const onGap = (message: string) => gaps.push(message);
  const reaper = openReaper(db, { leaseSeconds: 2, everySeconds: 0.1, onGap, gapSeconds: 0.5 });
  await reaper.look();
  assert.deepEqual(gaps, []);
  await sleep(700);
  await db.pool.query(`UPDATE run SET heartbeat_at = now() - interval '1 minute' WHERE id = $1`, [job.runId]);
  assert.deepEqual(await reaper.reap(), []);
  assert.match(gaps.join(), /^the machine slept.*: \d+ s passed unseen/);
  await sleep(600); // a second gap: where all is slow, dead workers are still found
  await reaper.look();
  assert.equal(gaps.length, 1);
  await sleep(1_600);
  assert.deepEqual(await reaper.reap(), [{ ...job, state: 'queued' }]);
});
