import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { EventView } from '@ablate/contracts';
import {
  claimRun,
  type Database,
  endAttempt,
  finishRun,
  lastEventNumber,
  numberEvents,
  openDatabase,
  readEvents,
} from '@ablate/db';
import { cancelRun, cancelSweep, listEvents, localContext, retryRun } from '@ablate/sweeps';
import pg from 'pg';
import { testDatabase } from '../support/postgres.ts';
import { claim as claimAgain, claimedJob, newSweep, RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());

const brief = ({ subject, attempt, before, state, cause }: EventView) =>
  [subject, ...(subject === 'sweep' ? [] : [attempt]), `${before} → ${state}`, ...(cause ? [cause] : [])].join(' ');

async function eventsOf(of: { sweepId?: string; runId?: string }): Promise<EventView[]> {
  await numberEvents(db);
  return readEvents(db, { ...of, after: 0, limit: 1000 });
}

test('the events of a run that is lost, requeued, failed, retried and succeeds, with every cause', async () => {
  const { id: sweepId } = await newSweep(db);
  const [job] = await waitingJobs(db, sweepId);
  assert.ok(job);
  const { runId } = job;
  const claim = (attempt: number) => claimAgain(db, { runId, attempt }, 'host/1');
  await claim(1);
  await endAttempt(db, { runId, attempt: 1, cause: 'lost', message: 'no heartbeat for 15 s' });
  await claim(2);
  await endAttempt(db, { runId, attempt: 2, cause: 'diverged', message: 'the loss was NaN' });
  await retryRun(context, runId);
  await claim(3);
  await finishRun(db, { runId, attempt: 3, result: RESULT });

  const events = await eventsOf({ sweepId });
  assert.deepEqual(events.filter(({ subject }) => subject === 'run').map(brief), [
    'run 1 queued → running',
    'run 1 running → queued',
    'run 2 queued → running',
    'run 2 running → failed diverged',
    'run 2 failed → queued',
    'run 3 queued → running',
    'run 3 running → succeeded completed',
  ]);
  assert.deepEqual(events.filter(({ subject }) => subject === 'attempt').map(brief), [
    'attempt 1 null → running',
    'attempt 1 running → ended lost',
    'attempt 2 null → running',
    'attempt 2 running → ended diverged',
    'attempt 3 null → running',
    'attempt 3 running → ended completed',
  ]);
  const lost = events.find(({ cause }) => cause === 'lost');
  assert.deepEqual([lost?.message, lost?.runId], ['no heartbeat for 15 s', runId]);
  assert.deepEqual(
    await eventsOf({ runId }),
    events.filter((event) => event.runId === runId),
  );
});

test('a sweep is queued, finished by its last run, and finished once', async () => {
  const { id: sweepId } = await newSweep(db, { configs: 3 });
  const jobs = await waitingJobs(db, sweepId);
  for (const job of jobs) await claimRun(db, { ...job, worker: 'w' });
  await finishRun(db, { ...jobs[0]!, result: RESULT });
  const sweepEvents = async () => (await eventsOf({ sweepId })).filter(({ subject }) => subject === 'sweep');
  assert.deepEqual((await sweepEvents()).map(brief), ['sweep null → queued']);
  await Promise.all(jobs.slice(1).map((job) => finishRun(db, { ...job, result: RESULT })));
  assert.deepEqual((await sweepEvents()).map(brief), ['sweep null → queued', 'sweep running → finished']);
  await numberEvents(db);
  const events = await sweepEvents();
  assert.deepEqual([events.length, events[0]?.message], [2, '3 runs queued']);
  const last = (await eventsOf({ sweepId })).at(-1);
  assert.equal(last?.state, 'finished');
});

test('cancelling is logged once: for the sweep, for queued runs, and as a request for running ones', async () => {
  const { id: sweepId } = await newSweep(db, { configs: 2 });
  const [job] = await waitingJobs(db, sweepId);
  assert.ok(job);
  await claimRun(db, { ...job, worker: 'w' });
  for (let i = 0; i < 2; i++) await cancelSweep(context, sweepId);
  await cancelRun(context, job.runId);
  const events = (await eventsOf({ sweepId })).filter(({ cause }) => cause === 'cancelled');
  assert.deepEqual(events.map(brief).sort(), [
    'run 0 queued → cancelled cancelled',
    'run 1 running → running cancelled',
    'sweep queued → cancelled cancelled',
  ]);
});

test('an event is rolled back with its change', async () => {
  const job = await claimedJob(db);
  const before = (await eventsOf({ runId: job.runId })).length;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`UPDATE run SET state = 'queued' WHERE id = $1`, [job.runId]);
  assert.equal((await client.query('SELECT FROM event WHERE run_id = $1', [job.runId])).rowCount, before + 1);
  await client.query('ROLLBACK');
  await client.end();
  assert.equal((await eventsOf({ runId: job.runId })).length, before);
});

test('numbers have no gaps, and a reader that follows them misses no late commit', async () => {
  const [early, late] = [await claimedJob(db), await claimedJob(db)];
  await numberEvents(db);
  const start = await lastEventNumber(db);
  const slow = new pg.Client({ connectionString: url });
  await slow.connect();
  await slow.query('BEGIN');
  await slow.query(`UPDATE run SET state = 'queued' WHERE id = $1`, [late.runId]);
  // Its event id is lower than that of the next event, which commits first.
  await endAttempt(db, { ...early, cause: 'lost', message: 'test' });
  await numberEvents(db);
  const first = await readEvents(db, { after: start, limit: 100 });
  assert.deepEqual(new Set(first.map(({ runId }) => runId)), new Set([early.runId]));
  await slow.query('COMMIT');
  await slow.end();
  await numberEvents(db);
  const then = await readEvents(db, { after: first.at(-1)!.number, limit: 100 });
  assert.deepEqual(
    then.map(({ runId }) => runId),
    [late.runId],
  );
  const numbers = (await eventsOf({})).map(({ number }) => number);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
});

test('concurrent numbering gives each number once, while others write', async () => {
  const jobs = await Promise.all(Array.from({ length: 8 }, () => claimedJob(db)));
  await Promise.all([
    ...jobs.map((job) => endAttempt(db, { ...job, cause: 'preempted', message: 'test' })),
    ...Array.from({ length: 16 }, () => numberEvents(db)),
  ]);
  const events = await eventsOf({});
  assert.deepEqual(
    events.map(({ number }) => number),
    events.map((_, i) => i + 1),
  );
  for (const { runId } of jobs)
    assert.deepEqual(events.filter((event) => event.runId === runId && event.subject === 'run').map(brief), [
      'run 1 queued → running',
      'run 1 running → queued',
    ]);
});

test('pages cover the log once, and the view shows events without a number', async () => {
  await eventsOf({});
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listEvents>> = await listEvents(context, {
      limit: 7,
      cursor: cursor ?? undefined,
    });
    seen.push(...page.items.map(({ number }) => number));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.equal(seen.length, await lastEventNumber(db));
  await claimedJob(db);
  const { rows } = await db.pool.query('SELECT number, state FROM reporting.events ORDER BY id DESC LIMIT 1');
  assert.equal(rows[0].number, null);
});
