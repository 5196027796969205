import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { claimRun, type Database, endAttempt, finishRun, inTransaction, openDatabase } from '@ablate/db';
import { localContext, retryRun } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { newSweep, RESULT, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
after(() => db.close());

type Job = { runId: string; attempt: number };

async function finish(job: Job, figures: Partial<typeof RESULT> = {}): Promise<void> {
  await claimRun(db, { ...job, worker: 'host 1' });
  assert.equal(await finishRun(db, { ...job, result: { ...RESULT, ...figures } }), true);
}

/** The cells of a sweep as `depth metric: seed=value …`. */
async function cells(sweepId: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ line: string }>(
    `SELECT format('%s %s: %s', config.position, cell.metric,
       (SELECT string_agg(seed || '=' || value, ' ') FROM unnest(cell.seeds, cell."values") AS one(seed, value))) AS line
     FROM cell JOIN config ON config.id = cell.config_id
     WHERE cell.sweep_id = $1 AND cell.n = cardinality(cell.seeds) AND cell.n = cardinality(cell."values") ORDER BY line`,
    [sweepId],
  );
  return rows.map(({ line }) => line);
}

test('a cell holds the values of a config by ascending seed, of the runs that succeeded alone', async () => {
  const sweep = await newSweep(db, { configs: 2, seeds: 3 });
  const [a1, b1, a2, , a3] = await waitingJobs(db, sweep.id);
  await finish(a2!, { testAccuracy: 0.5 });
  await finish(a1!, { testAccuracy: 0.25, testLoss: 2 });
  await finish(b1!, { testAccuracy: 0.75 });
  await claimRun(db, { ...a3!, worker: 'host 1' });
  await endAttempt(db, { ...a3!, cause: 'diverged', message: 'loss is NaN' });
  assert.deepEqual(await cells(sweep.id), [
    '0 test_accuracy: 1=0.25 2=0.5',
    '0 test_loss: 1=2',
    '0 train_accuracy: 1=0.75 2=0.75',
    '0 val_accuracy: 1=0.5 2=0.5',
    '0 val_loss: 1=1.5 2=1.5',
    '1 test_accuracy: 1=0.75',
    '1 train_accuracy: 1=0.75',
    '1 val_accuracy: 1=0.5',
    '1 val_loss: 1=1.5',
  ]);

  await retryRun(localContext(db), a3!.runId);
  await db.pool.query('UPDATE outbox SET dispatched_at = now() WHERE run_id = $1', [a3!.runId]);
  await finish({ runId: a3!.runId, attempt: 2 }, { testAccuracy: 1 });
  assert.ok((await cells(sweep.id)).includes('0 test_accuracy: 1=0.25 2=0.5 3=1'));

  await db.pool.query('DELETE FROM run WHERE id = $1', [a2!.runId]);
  assert.ok((await cells(sweep.id)).includes('0 test_accuracy: 1=0.25 3=1'));
  await db.pool.query('DELETE FROM run WHERE config_id = (SELECT config_id FROM run WHERE id = $1)', [b1!.runId]);
  assert.ok(!(await cells(sweep.id)).some((line) => line.startsWith('1')));
  await db.pool.query('DELETE FROM sweep WHERE id = $1', [sweep.id]);
  assert.deepEqual(await cells(sweep.id), []);
});

test('runs of one config that finish in concurrent transactions are all in its cell', async () => {
  const sweep = await newSweep(db, { configs: 2, seeds: 2 });
  const jobs = await waitingJobs(db, sweep.id);
  for (const job of jobs) await claimRun(db, { ...job, worker: 'host 1' });
  const [a1, b1, a2, b2] = jobs;
  const succeed = (ids: string[]) =>
    inTransaction(db, async (client) => {
      await client.query(
        `UPDATE run SET state = 'succeeded', test_accuracy = 0.5, finished_at = now() WHERE id = ANY ($1)`,
        [ids],
      );
      await client.query('SELECT pg_sleep(0.05)');
    });
  // In opposite orders of their configs: neither waits for the other in a circle.
  await Promise.all([succeed([a1!.runId, b2!.runId]), succeed([b1!.runId, a2!.runId])]);
  assert.deepEqual(await cells(sweep.id), ['0 test_accuracy: 1=0.5 2=0.5', '1 test_accuracy: 1=0.5 2=0.5']);
});
