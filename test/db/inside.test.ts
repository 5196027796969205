import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import {
  endAttempt,
  expireInside,
  finishRun,
  openDatabase,
  recordCheckpoint,
  recordInside,
  type StoredInside,
} from '@ablate/db';
import { localContext, runInside } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { checkpoint, claim, claimedJob, RESULT } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());
const context = localContext(db);

const stored = (name: string): StoredInside => ({
  maps: { bytes: Buffer.from(`maps of ${name}`), sha256: `maps ${name}` },
  images: { bytes: Buffer.from('pictures'), sha256: 'pictures' },
});
const textOf = async (runId: string, part: 'maps' | 'images') =>
  (await runInside(context, { runId, part })).bytes?.toString();
const counted = async (table: string) => (await db.pool.query(`SELECT FROM ${table}`)).rowCount;

test('a look inside is read once its run has succeeded; runs on the same pictures share them', async () => {
  const [one, other] = [await claimedJob(db), await claimedJob(db)];
  assert.equal(await recordInside(db, { ...one, inside: stored('one') }), true);
  assert.equal(await recordInside(db, { ...one, inside: stored('one') }), true);
  assert.equal(await recordInside(db, { ...other, inside: stored('other') }), true);
  await assert.rejects(textOf(one.runId, 'maps'), /no look inside run .* is stored/);
  for (const job of [one, other]) await finishRun(db, { ...job, result: RESULT });
  assert.deepEqual(
    [await textOf(one.runId, 'maps'), await textOf(other.runId, 'maps'), await textOf(other.runId, 'images')],
    ['maps of one', 'maps of other', 'pictures'],
  );
  assert.deepEqual([await counted('inside'), await counted('inside_images')], [2, 1]);
  const known = await runInside(context, { runId: one.runId, part: 'maps', known: ['maps one'] });
  assert.deepEqual(known, { sha256: 'maps one', bytes: null });
});

test('a fenced attempt records nothing, and the attempt that finishes replaces what earlier ones recorded', async () => {
  const job = await claimedJob(db);
  await recordInside(db, { ...job, inside: stored('first') });
  await endAttempt(db, { ...job, cause: 'lost', message: 'no heartbeat' });
  const next = { ...job, attempt: 2 };
  await claim(db, next);
  assert.equal(await recordInside(db, { ...job, inside: stored('late') }), false);
  assert.equal(await recordInside(db, { ...next, inside: stored('second') }), true);
  await finishRun(db, { ...next, result: RESULT });
  assert.equal(await textOf(job.runId, 'maps'), 'maps of second');
});

test('a look inside is kept as long as the best checkpoint of its run', async () => {
  const job = await claimedJob(db);
  await recordInside(db, { ...job, inside: stored('kept') });
  await recordCheckpoint(db, { ...job, checkpoint: checkpoint('best', 10) });
  await finishRun(db, { ...job, result: RESULT });
  await db.pool.query(`UPDATE inside_images SET used_at = now() - interval '2 days'`);
  await expireInside(db, { dryRun: false });
  assert.equal(await textOf(job.runId, 'maps'), 'maps of kept');
  await db.pool.query('DELETE FROM checkpoint WHERE run_id = $1', [job.runId]);
  assert.equal(await expireInside(db, { dryRun: true }), 1);
  assert.equal(await textOf(job.runId, 'maps'), 'maps of kept', 'a dry run removes nothing');
  assert.equal(await expireInside(db, { dryRun: false }), 1);
  await assert.rejects(textOf(job.runId, 'maps'), /no look inside/);
  assert.deepEqual([await counted('inside'), await counted('inside_images')], [0, 0]);
});
