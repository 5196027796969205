import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import {
  endAttempt,
  expireCheckpoints,
  expirePredictions,
  finishRun,
  openDatabase,
  recordCheckpoint,
  recordPredictions,
  type StoredPredictions,
} from '@ablate/db';
import { testDatabase } from '../support/postgres.ts';
import { checkpoint, claim, claimedJob, RESULT } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());

/** Four images of three classes; two of them right. */
const test4: StoredPredictions = {
  split: 'test',
  images: 4,
  width: 1,
  classes: ['cat', 'dog', 'owl'],
  labels: Buffer.from([0, 1, 2, 2]),
  indices: null,
  data: Buffer.from([0, 1, 0, 2, ...[255, 51, 102, 0], ...[0, 1, 2, 0]]),
};
const rowsOf = async (view: string, runId: string) =>
  (await db.pool.query(`SELECT * FROM reporting.${view} WHERE run = $1 ORDER BY 2, 3, 4`, [runId])).rows;

test('predictions: a row for each image, and the confusion of classes, once the run has succeeded', async () => {
  const job = await claimedJob(db);
  const validation: StoredPredictions = { ...test4, split: 'validation', indices: [7, 3, 900, 1] };
  assert.equal(await recordPredictions(db, { ...job, predictions: test4 }), true);
  assert.equal(await recordPredictions(db, { ...job, predictions: test4 }), true);
  assert.equal(await recordPredictions(db, { ...job, predictions: validation }), true);
  assert.deepEqual(await rowsOf('predictions', job.runId), []);
  await finishRun(db, { ...job, result: RESULT });
  const rows = await rowsOf('predictions', job.runId);
  assert.deepEqual(
    rows.map(({ split, image, label, predicted, confidence, rank, correct, label_name, predicted_name }) => [
      ...[split, image, label, predicted, confidence, rank, correct, label_name, predicted_name],
    ]),
    [
      ['test', 0, 0, 0, 1, 1, true, 'cat', 'cat'],
      ['test', 1, 1, 1, 0.2, 2, false, 'dog', 'dog'],
      ['test', 2, 2, 0, 0.4, 3, false, 'owl', 'cat'],
      ['test', 3, 2, 2, 0, 1, true, 'owl', 'owl'],
      ['validation', 1, 2, 2, 0, 1, true, 'owl', 'owl'],
      ['validation', 3, 1, 1, 0.2, 2, false, 'dog', 'dog'],
      ['validation', 7, 0, 0, 1, 1, true, 'cat', 'cat'],
      ['validation', 900, 2, 0, 0.4, 3, false, 'owl', 'cat'],
    ],
  );
  assert.deepEqual(
    (await rowsOf('confusion', job.runId)).map(({ split, label, predicted, n }) => [split, label, predicted, n].join()),
    ['test', 'validation'].flatMap((split) => ['0,0,1', '1,1,1', '2,0,1', '2,2,1'].map((cell) => `${split},${cell}`)),
  );
});

test('classes above 255 take two bytes', async () => {
  const job = await claimedJob(db);
  const classes = Array.from({ length: 1000 }, (_, i) => `n${i}`);
  const labels = Buffer.from([0, 5, 3, 231]);
  const data = Buffer.from([0, 5, 1, 44, ...[255, 128], ...[0, 0, 3, 231]]);
  const predictions: StoredPredictions = { ...test4, images: 2, width: 2, classes, labels, data };
  assert.equal(await recordPredictions(db, { ...job, predictions }), true);
  await finishRun(db, { ...job, result: RESULT });
  const rows = await rowsOf('predictions', job.runId);
  assert.deepEqual(
    rows.map(({ label, predicted, rank, label_name }) => [label, predicted, rank, label_name]),
    [
      [5, 5, 1, 'n5'],
      [999, 300, 1000, 'n999'],
    ],
  );
});

test('a fenced attempt records nothing, and those of the attempt that finishes replace earlier ones', async () => {
  const job = await claimedJob(db);
  await recordPredictions(db, { ...job, predictions: test4 });
  await endAttempt(db, { ...job, cause: 'lost', message: 'no heartbeat' });
  assert.equal(await recordPredictions(db, { ...job, predictions: test4 }), false);
  const next = { ...job, attempt: 2 };
  await claim(db, next);
  assert.equal(await recordPredictions(db, { ...job, predictions: test4 }), false);
  const mine = { ...test4, data: Buffer.from([2, 2, 2, 2, ...[9, 9, 9, 9], ...[1, 1, 0, 0]]) };
  assert.equal(await recordPredictions(db, { ...next, predictions: mine }), true);
  await finishRun(db, { ...next, result: RESULT });
  assert.deepEqual(
    (await rowsOf('predictions', job.runId)).map(({ predicted }) => predicted),
    [2, 2, 2, 2],
  );
});

test('predictions are kept as long as the best checkpoint of their run', async () => {
  const job = await claimedJob(db);
  await recordPredictions(db, { ...job, predictions: test4 });
  await recordCheckpoint(db, { ...job, checkpoint: checkpoint('best', 10) });
  await finishRun(db, { ...job, result: RESULT });
  await db.pool.query(`UPDATE image_set SET used_at = now() - interval '2 days'`);
  const count = async () => (await db.pool.query('SELECT FROM prediction WHERE run_id = $1', [job.runId])).rowCount;
  await expirePredictions(db, { dryRun: false });
  assert.equal(await count(), 1, 'its best checkpoint is there');
  await db.pool.query('DELETE FROM checkpoint WHERE run_id = $1', [job.runId]);
  assert.equal(await expirePredictions(db, { dryRun: true }), 1);
  assert.equal(await count(), 1, 'a dry run removes nothing');
  assert.equal(await expirePredictions(db, { dryRun: false }), 1);
  assert.equal(await count(), 0);
  assert.equal((await db.pool.query('SELECT FROM image_set')).rowCount, 0);
  await expireCheckpoints(db, { keep: { best: 1, last: 1 }, dryRun: false });
});

test('10,000 images take about 30 kB, and are read at once', async () => {
  const job = await claimedJob(db);
  const images = 10_000;
  const labels = Buffer.from(Array.from({ length: images }, (_, i) => i % 10));
  const noise = Buffer.from(Array.from({ length: images }, (_, i) => (i * 7919) % 251));
  const data = Buffer.concat([labels, noise, Buffer.alloc(images)]);
  await recordPredictions(db, { ...job, predictions: { ...test4, images, classes: [...'abcdefghij'], labels, data } });
  await finishRun(db, { ...job, result: RESULT });
  const { rows } = await db.pool.query('SELECT pg_column_size(data) AS bytes FROM prediction WHERE run_id = $1', [
    job.runId,
  ]);
  assert.ok(rows[0].bytes <= 3 * images + 100, `${rows[0].bytes} bytes`);
  const confusion = await rowsOf('confusion', job.runId);
  assert.deepEqual(
    confusion.map(({ label, predicted, n }) => [label, predicted, n]),
    Array.from({ length: 10 }, (_, i) => [i, i, 1000]),
  );
});
