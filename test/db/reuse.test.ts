/** Runs that have the result of an equal run instead of being trained. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunJob } from '@ablate/contracts';
import {
  expireCheckpoints,
  expirePredictions,
  findReusable,
  finishRun,
  inTransaction,
  openDatabase,
  type Queryable,
  recordCheckpoint,
  recordMetrics,
  recordPredictions,
  reuseRun,
  type StoredPredictions,
  startAttempt,
} from '@ablate/db';
import { findRun, listCheckpoints, localContext, openSpecReader, planSweep } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { checkpoint, claim, newSweep, RESULT, STARTED, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db = openDatabase({ url });
after(() => db.close());

const CODE = 'c'.repeat(40);
const DATA = 'd'.repeat(64);

/** A claimed run of a new sweep of one run. */
async function claimed(options: Parameters<typeof newSweep>[1] = {}): Promise<RunJob & { sweepId: string }> {
  const { id: sweepId } = await newSweep(db, options);
  const [job] = await waitingJobs(db, sweepId);
  assert.ok(job && (await claim(db, job)));
  return { ...job, sweepId };
}

type Written = { code?: string; data?: string; job?: RunJob & { sweepId: string }; valAccuracy?: number };

/** A run that was trained, with curves, a checkpoint and predictions; it took ten seconds. */
async function trained({
  code = CODE,
  data = DATA,
  valAccuracy = 0.5,
  ...given
}: Written = {}): Promise<RunJob & { sweepId: string }> {
  const job = given.job ?? (await claimed());
  await db.pool.query(`UPDATE attempt SET started_at = now() - interval '10 s' WHERE run_id = $1`, [job.runId]);
  const environment = { ...STARTED.environment, code };
  assert.ok(await startAttempt(db, { ...job, ...STARTED, datasetHash: data, notes: ['as it is'], environment }));
  const rows = [1, 2].flatMap((step) => [
    { name: 'val/accuracy', step, epoch: step, value: step / 4 },
    { name: 'val/loss', step, epoch: step, value: 3 - step },
  ]);
  assert.ok(await recordMetrics(db, { ...job, rows }));
  assert.ok(await recordCheckpoint(db, { ...job, checkpoint: checkpoint('best', 2), keep: { best: 1, last: 1 } }));
  const predictions: StoredPredictions = {
    ...{
      split: 'test' as const,
      images: 1,
      width: 1 as const,
      classes: ['cat'],
      labels: Buffer.from([0]),
      indices: null,
    },
    data: Buffer.from([0, 255, 0]),
  };
  assert.ok(await recordPredictions(db, { ...job, predictions }));
  assert.ok(await finishRun(db, { ...job, result: { ...RESULT, valAccuracy } }));
  return job;
}

const fork = ({ runId }: RunJob, from: string) =>
  db.pool.query('UPDATE run SET forked_from = $2 WHERE id = $1', [runId, from]);
const forget = () => db.pool.query('DELETE FROM sweep');
const reuse = (job: RunJob) => reuseRun(db, { ...job, code: CODE, data: DATA });

test('a plan goes by runs that were trained to their last epoch, not by those that a rule may end', async (t) => {
  await forget();
  const reader = openSpecReader();
  t.after(() => reader.close());
  const spec = { version: 1, name: 'planned', seeds: [1], space: { 'model.depth': [1] } };
  const device = async () => {
    const planned = await planSweep(localContext(db), {
      ...{ text: JSON.stringify(spec), reader, signal: AbortSignal.timeout(60_000) },
    });
    return planned.plan.device;
  };
  await trained({ job: await claimed({ train: { stop: { target: 0.9 } } }) });
  assert.equal(await device(), null);
  await trained();
  assert.equal((await device())?.runs, 1);
});

test('a run has the result of an equal one, without its time, and keeps it when that sweep is deleted', async () => {
  await forget();
  const source = await trained();
  const job = await claimed();
  assert.deepEqual((await findReusable(db, { ...job, code: CODE }))?.hashes, [DATA]);
  assert.equal((await reuse(job))?.from, source.runId);

  const shown = async (runId: string) => {
    const { rows } = await db.pool.query(
      `SELECT state, test_accuracy, val_accuracy, total_steps, dataset_hash, code, notes,
         (SELECT count(*)::integer FROM reporting.curves WHERE run = runs.run) AS points,
         (SELECT count(*)::integer FROM reporting.predictions WHERE run = runs.run) AS predictions
       FROM reporting.runs WHERE run = $1`,
      [runId],
    );
    return rows[0];
  };
  const result = await shown(source.runId);
  assert.deepEqual([result.points, result.predictions, result.test_accuracy], [4, 1, 0.25]);
  assert.deepEqual(await shown(job.runId), result);
  const { rows } = await db.pool.query(
    `SELECT useful_seconds, lost_seconds, reused, round(reused_seconds) AS reused_seconds, round(seconds_per_run) AS each
     FROM reporting.cost WHERE sweep_id = $1`,
    [job.sweepId],
  );
  assert.deepEqual(rows, [{ useful_seconds: 0, lost_seconds: 0, reused: 1, reused_seconds: 10, each: 10 }]);
  const cells = await db.pool.query(`SELECT "values" FROM cell WHERE sweep_id = $1 AND metric = 'test_accuracy'`, [
    job.sweepId,
  ]);
  assert.deepEqual(cells.rows, [{ values: [0.25] }]);
  const context = localContext(db);
  assert.equal((await findRun(context, job.runId)).reusedFrom, source.runId);
  const [best] = await listCheckpoints(context, job.runId);
  assert.deepEqual([best?.kind, best?.runId], ['best', source.runId], 'its checkpoints are those of the other');
  assert.equal(await expirePredictions(db, { dryRun: false }), 0, 'they are described by predictions of both');

  await db.pool.query('DELETE FROM sweep WHERE id = $1', [source.sweepId]);
  assert.deepEqual(await shown(job.runId), result);
  assert.deepEqual(await listCheckpoints(context, job.runId), []);
  const third = await claimed();
  assert.equal((await reuse(third))?.from, source.runId, 'a result that was reused is reused');
  assert.deepEqual(await shown(third.runId), result);
  await expireCheckpoints(db, { keep: { best: 1, last: 1 }, dryRun: false });
  assert.equal(await expirePredictions(db, { dryRun: false }), 2, 'the weights are gone');
});

test('the best checkpoint of the best run of a sweep is kept, whichever sweep has trained it', async () => {
  await forget();
  const { id: sweepId } = await newSweep(db, { configs: 2 });
  const sources: RunJob[] = [];
  for (const [i, job] of (await waitingJobs(db, sweepId)).entries()) {
    assert.ok(await claim(db, job));
    sources.push(await trained({ job: { ...job, sweepId }, valAccuracy: [0.5, 0.9][i]! }));
  }
  const job = await claimed();
  const [worse] = sources;
  assert.equal((await reuse(job))?.from, worse?.runId);
  const expire = () => expireCheckpoints(db, { keep: { best: 0, last: 0 }, dryRun: false });
  assert.deepEqual(await expire(), [], 'one is the best of its sweep, the other that of the sweep which reuses it');
  assert.equal((await listCheckpoints(localContext(db), job.runId))[0]?.runId, worse?.runId);
  await db.pool.query('DELETE FROM sweep WHERE id = $1', [job.sweepId]);
  assert.deepEqual(
    (await expire()).map(({ runId }) => runId),
    [worse?.runId],
  );
});

test('code, data, config and seed must be equal, and the code a commit', async () => {
  await forget();
  await trained({ data: 'e'.repeat(64) });
  await trained({ code: `${CODE}+` });
  await trained({ code: 'unknown' });
  const job = await claimed();
  assert.equal(await findReusable(db, { ...job, code: 'unknown' }), null);
  assert.equal(await findReusable(db, { ...job, code: `${CODE}+` }), null);
  assert.equal(await findReusable(db, { ...job, code: 'a'.repeat(40) }), null);
  assert.equal(await reuse(job), null, 'other data');
  await trained();
  await db.pool.query(`UPDATE run SET seed = 9 WHERE id = $1`, [job.runId]);
  assert.equal(await findReusable(db, { ...job, code: CODE }), null, 'another seed');
  await db.pool.query(`UPDATE run SET seed = 1, until_epoch = 3 WHERE id = $1`, [job.runId]);
  assert.equal(await reuse(job), null, 'an epoch at which the other was not evaluated');
  await db.pool.query(`UPDATE run SET until_epoch = NULL, cancel_requested_at = now() WHERE id = $1`, [job.runId]);
  assert.equal(await reuse(job), null, 'a run that is asked to stop');
  const again = await claimed();
  await db.pool.query(`UPDATE sweep SET spec = spec || '{"reuse": false}' WHERE id = $1`, [again.sweepId]);
  assert.equal(await findReusable(db, { ...again, code: CODE }), null, '"reuse": false');
  const { rows } = await db.pool.query('SELECT state FROM run WHERE id = $1', [job.runId]);
  assert.deepEqual(rows, [{ state: 'running' }]);
});

test('a run that started from the checkpoint of another stands for no run, and none for it', async () => {
  await forget();
  const first = await claimed();
  const forked = await claimed();
  await fork(forked, first.runId);
  await trained({ job: forked });
  assert.equal(await findReusable(db, { ...first, code: CODE }), null);
  assert.equal(await reuse(first), null);
  const { runId } = await trained();
  assert.ok(await findReusable(db, { ...first, code: CODE }));
  const job = await claimed();
  await fork(job, runId);
  assert.equal(await findReusable(db, { ...job, code: CODE }), null);
});

test('a run of a search rests at its rung with the figures that the other had there, and is reused once it is sent on', async () => {
  await forget();
  const source = await trained();
  const job = await claimed();
  await db.pool.query('UPDATE run SET until_epoch = 1 WHERE id = $1', [job.runId]);
  assert.deepEqual(await reuse(job), { from: source.runId, reached: 1 });
  const { rows } = await db.pool.query(
    `SELECT state, reached_epoch, reached_accuracy, reached_loss, test_accuracy, useful_seconds, lost_seconds, outbox.held
     FROM run JOIN outbox ON outbox.run_id = run.id WHERE run.id = $1`,
    [job.runId],
  );
  const figures = { reached_epoch: 1, reached_accuracy: 0.25, reached_loss: 2, test_accuracy: null };
  assert.deepEqual(rows, [{ state: 'queued', ...figures, useful_seconds: 0, lost_seconds: 0, held: true }]);
  await db.pool.query('UPDATE run SET until_epoch = NULL WHERE id = $1', [job.runId]);
  await db.pool.query('UPDATE outbox SET held = false WHERE run_id = $1', [job.runId]);
  await db.pool.query(`UPDATE config SET config = jsonb_set(config, '{train,evaluate}', '{"everyEpochs": 2}')`);
  assert.equal(
    await findReusable(db, { ...job, code: CODE }),
    null,
    'the rung was evaluated beside what the spec says',
  );
  await db.pool.query(`UPDATE config SET config = config #- '{train,evaluate}'`);
  assert.ok(await findReusable(db, { ...job, code: CODE }));
  const next = { ...job, attempt: 2 };
  assert.ok(await claim(db, next));
  assert.equal((await reuse(next))?.from, source.runId);
});

test('an interrupted attempt leaves neither curves nor checkpoints beside the result', async () => {
  await forget();
  await trained();
  const job = await claimed();
  await recordMetrics(db, { ...job, rows: [{ name: 'val/accuracy', step: 1, epoch: 1, value: 0.9 }] });
  await recordCheckpoint(db, { ...job, checkpoint: checkpoint('last', 1), keep: { best: 1, last: 1 } });
  assert.ok(await reuse(job));
  const { rows } = await db.pool.query(
    `SELECT (SELECT array_agg(value ORDER BY step) FROM metric_point WHERE run_id = $1 AND name = 'val/accuracy') AS "values",
       (SELECT count(*)::integer FROM any_checkpoint WHERE run_id = $1) AS checkpoints`,
    [job.runId],
  );
  assert.deepEqual(rows, [{ values: [0.25, 0.5], checkpoints: 0 }]);
});

test('the other sweep is deleted meanwhile: the result is reused whole, or the run is left to be trained', async () => {
  const ended = { reused: 0, left: 0 };
  for (let round = 0; round < 12; round++) {
    await forget();
    const source = await trained();
    const job = await claimed();
    const remove = (client: Queryable) => client.query('DELETE FROM sweep WHERE id = $1', [source.sweepId]);
    // Every third deletion has begun before, and commits meanwhile.
    const reused =
      round % 3 === 0
        ? await inTransaction(db, async (client) => {
            await remove(client);
            return { waiting: reuse(job), begun: await sleep(20) };
          }).then(({ waiting }) => waiting)
        : (await Promise.all([reuse(job), sleep(round % 6).then(() => remove(db.pool))]))[0];
    const { rows } = await db.pool.query(
      `SELECT state, test_accuracy, (SELECT count(*)::integer FROM metric_point WHERE run_id = run.id) AS points,
         (SELECT count(*)::integer FROM prediction WHERE run_id = run.id) AS predictions FROM run WHERE id = $1`,
      [job.runId],
    );
    const whole = { state: 'succeeded', test_accuracy: 0.25, points: 4, predictions: 1 };
    const untouched = { state: 'running', test_accuracy: null, points: 0, predictions: 0 };
    assert.deepEqual(rows, [reused ? whole : untouched]);
    ended[reused ? 'reused' : 'left']++;
  }
  assert.ok(ended.left >= 4 && ended.reused > 0, JSON.stringify(ended));
});
