import assert from 'node:assert/strict';
import test, { after, beforeEach } from 'node:test';
import {
  cancelSweep,
  claimRun,
  type Database,
  endAttempt,
  markDispatched,
  openDatabase,
  staleDispatches,
  takeDispatches,
  tryLead,
} from '@ablate/db';
import { testDatabase } from '../support/postgres.ts';
import { newSweep, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
after(() => db.close());
beforeEach(() => db.pool.query('DELETE FROM sweep'));

async function sweepOf(runId: string): Promise<string> {
  const { rows } = await db.pool.query<{ name: string }>(
    'SELECT name FROM sweep JOIN run ON run.sweep_id = sweep.id WHERE run.id = $1',
    [runId],
  );
  return rows[0]?.name ?? 'none';
}
const sweepsOf = (jobs: { runId: string }[]) => Promise.all(jobs.map(({ runId }) => sweepOf(runId)));

test('a small sweep does not wait for a large one that came before', async () => {
  await newSweep(db, { name: 'large', configs: 20 });
  await newSweep(db, { name: 'small', configs: 2 });
  assert.deepEqual(await sweepsOf(await takeDispatches(db, 5)), ['large', 'small', 'large', 'small', 'large']);
});

test('what a sweep has under way, in the queue or in a worker, counts against it', async () => {
  const large = await newSweep(db, { name: 'large', configs: 20 });
  const [claimed, dispatched] = await waitingJobs(db, large.id);
  await claimRun(db, { ...claimed!, worker: 'w' });
  await markDispatched(db, [dispatched!]);
  await newSweep(db, { name: 'small', configs: 3 });
  assert.deepEqual(await sweepsOf(await takeDispatches(db, 4)), ['small', 'small', 'large', 'small']);
});

test('what was dispatched is not taken again, and stays known until it is claimed or cancelled', async () => {
  const { id } = await newSweep(db, { configs: 3 });
  const jobs = await takeDispatches(db, 2);
  assert.deepEqual(await takeDispatches(db, 2), jobs);
  await markDispatched(db, jobs);
  assert.equal((await takeDispatches(db, 10)).length, 1);
  assert.deepEqual(await staleDispatches(db), jobs);
  await claimRun(db, { ...jobs[0]!, worker: 'w' });
  assert.deepEqual(await staleDispatches(db), [jobs[1]]);
  await cancelSweep(db, id);
  assert.deepEqual([await staleDispatches(db), await takeDispatches(db, 10)], [[], []]);
});

test('a mark for an attempt that is over marks nothing', async () => {
  await newSweep(db);
  const [job] = await takeDispatches(db, 1);
  await claimRun(db, { ...job!, worker: 'w' });
  await endAttempt(db, { ...job!, cause: 'preempted', message: '' });
  await markDispatched(db, [job!]);
  assert.deepEqual(await takeDispatches(db, 1), [{ ...job!, attempt: 2 }]);
});

test('one leads, and the next only after it let go or its connection broke', async () => {
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
