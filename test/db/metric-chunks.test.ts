import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Metric, RunJob } from '@ablate/contracts';
import { type Database, endAttempt, openAttempts, openDatabase, recordAllMetrics, recordMetrics } from '@ablate/db';
import fc from 'fast-check';
import { testDatabase } from '../support/postgres.ts';
import { claim, claimedJob } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
after(() => db.close());

const metric = (name: string, step: number, value: number): Metric => ({ name, step, epoch: step / 8, value });

async function points(runId: string): Promise<Map<string, [number, number]>> {
  const { rows } = await db.pool.query<{ name: string; step: number; value: number; attempt: number }>(
    'SELECT name, step, value, attempt FROM metric_point WHERE run_id = $1',
    [runId],
  );
  const found = new Map(
    rows.map(({ name, step, value, attempt }) => [`${name} ${step}`, [value, attempt] as [number, number]]),
  );
  assert.equal(found.size, rows.length, 'a step is stored twice');
  return found;
}

test('each step of a metric is stored once, as last written, whether an attempt rewrites it or a later one does', async () => {
  const write = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(400), fc.nat(1000)), {
    minLength: 1,
    maxLength: 150,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(write, { maxLength: 5 }), { minLength: 1, maxLength: 3 }), async (attempts) => {
      let job: RunJob = await claimedJob(db);
      const expected = new Map<string, [number, number]>();
      for (const [i, writes] of attempts.entries()) {
        if (i > 0) {
          await endAttempt(db, { ...job, cause: 'preempted', message: '' });
          job = { ...job, attempt: job.attempt + 1 };
          assert.ok(await claim(db, job));
        }
        for (const rows of writes) {
          assert.equal(
            await recordMetrics(db, { ...job, rows: rows.map(([name, step, value]) => metric(name, step, value)) }),
            true,
          );
          for (const [name, step, value] of rows) expected.set(`${name} ${step}`, [value, job.attempt]);
        }
      }
      assert.deepEqual(new Map([...(await points(job.runId))].sort()), new Map([...expected].sort()));
    }),
    { numRuns: 15 },
  );
});

test('metrics of a worker of the first version are overwritten and listed with the rest', async () => {
  const job = await claimedJob(db);
  await db.pool.query(
    `INSERT INTO metric (run_id, name, step, epoch, value, attempt) VALUES ($1, 'a', 1, 0.1, 5, 1), ($1, 'a', 2, 0.2, 6, 1)`,
    [job.runId],
  );
  await recordMetrics(db, { ...job, rows: [metric('a', 2, 7)] });
  assert.deepEqual([...(await points(job.runId)).values()].sort(), [
    [5, 1],
    [7, 1],
  ]);
});

test('of attempts written together, only those that are held write', async () => {
  const [held, old] = [await claimedJob(db), await claimedJob(db)];
  await endAttempt(db, { ...old, cause: 'lost', message: '' });
  const answers = await recordAllMetrics(db, [
    { ...held, rows: [metric('a', 1, 1)] },
    { ...old, rows: [metric('a', 1, 1)] },
    { ...held, rows: [metric('a', 2, 2)] },
  ]);
  assert.deepEqual(answers, [true, false, true]);
  assert.deepEqual([(await points(held.runId)).size, (await points(old.runId)).size], [2, 0]);
});

test('a row that the database refuses does not fail the rows written with it', async () => {
  const attempts = openAttempts(db);
  const [good, bad] = [await claimedJob(db), await claimedJob(db)];
  const answers = await Promise.allSettled([
    attempts.recordMetrics({ ...bad, rows: [metric('a', 3e9, 1)] }),
    attempts.recordMetrics({ ...good, rows: [metric('a', 1, 1)] }),
    attempts.recordMetrics({ ...good, rows: [metric('a', 2, 1)] }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  );
  assert.equal((await points(good.runId)).size, 2);
});

test('a job that is delivered twice to one worker is claimed once', async () => {
  const job = await claimedJob(db);
  await endAttempt(db, { ...job, cause: 'preempted', message: '' });
  await db.pool.query('UPDATE outbox SET dispatched_at = now()');
  const again = { ...job, attempt: 2, worker: 'w' };
  const attempts = openAttempts(db);
  const claims = await Promise.all([
    attempts.claim(again),
    attempts.claim(again),
    attempts.claim({ ...again, attempt: 3 }),
  ]);
  assert.deepEqual(
    claims.map((got) => got !== null),
    [true, false, false],
  );
});
