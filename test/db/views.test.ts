import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { canonicalHash } from '@ablate/contracts';
import { claimRun, type Database, endAttempt, finishRun, openDatabase, recordMetrics, startAttempt } from '@ablate/db';
import { cancelRun, localContext } from '@ablate/sweeps';
import { testDatabase } from '../support/postgres.ts';
import { newSweep, RESULT, STARTED, waitingJobs } from './small-sweep.ts';

const { url } = await testDatabase({ after });
const db: Database = openDatabase({ url });
const context = localContext(db);
after(() => db.close());

const close = (actual: unknown, expected: number) =>
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

/** Two depths and four seeds: depth 1 succeeds three times and fails once; depth 2 succeeds once, is cancelled once, and has two runs left. */
const sweep = await newSweep(db, { name: 'figures', configs: 2, seeds: 4 });
const jobs = await waitingJobs(db, sweep.id);
const [a1, b1, a2, b2, a3, , a4] = jobs;
for (const [job, valAccuracy, testAccuracy] of [
  [a1, 0.5, 0.4],
  [a2, 0.6, 0.5],
  [a3, 0.7, 0.9],
  [b1, 0.8, 0.7],
] as const) {
  await claimRun(db, { ...job!, worker: 'host 1' });
  await startAttempt(db, { ...job!, ...STARTED, notes: ['note'] });
  await finishRun(db, { ...job!, result: { ...RESULT, valAccuracy, testAccuracy } });
}
await claimRun(db, { ...a4!, worker: 'host 2' });
await recordMetrics(db, { ...a4!, rows: [{ name: 'train/loss', step: 7, epoch: 0.5, value: Number.NaN }] });
await endAttempt(db, { ...a4!, cause: 'diverged', message: 'loss is NaN' });
await cancelRun(context, b2!.runId);

test('ablation: mean and sample standard deviation over the seeds that succeeded, and the unfinished and failed runs', async () => {
  const { rows } = await db.pool.query('SELECT * FROM reporting.ablation ORDER BY position');
  const [one, two] = rows;
  assert.deepEqual(
    [rows.length, one.sweep, one.axes, two.axes],
    [2, 'figures', { 'model.depth': 1 }, { 'model.depth': 2 }],
  );
  assert.deepEqual([one.n, one.unfinished, one.failed], [3, 0, 1]);
  close(one.val_mean, 0.6);
  close(one.val_sd, 0.1);
  close(one.test_mean, 0.6);
  close(one.test_sd, Math.sqrt((0.2 ** 2 + 0.1 ** 2 + 0.3 ** 2) / 2));
  assert.deepEqual([two.n, two.unfinished, two.failed, two.val_sd], [1, 2, 1, null]);
  close(two.val_mean, 0.8);
});

test('runs: one row per run with its parameters, figures and environment', async () => {
  const { rows } = await db.pool.query('SELECT * FROM reporting.runs ORDER BY depth, seed');
  assert.equal(rows.length, 8);
  const { run, started_at, finished_at, created_at, config, config_id, config_hash, sweep_id, seconds, ...row } =
    rows[0];
  assert.deepEqual([run, sweep_id, config.model.depth], [a1?.runId, sweep.id, 1]);
  assert.ok(created_at <= started_at && started_at <= finished_at && config_id && config_hash);
  close(seconds, (finished_at.getTime() - started_at.getTime()) / 1000);
  assert.deepEqual(row, {
    sweep: 'figures',
    state: 'succeeded',
    cause: 'completed',
    attempt: 1,
    seed: 1,
    val_accuracy: 0.5,
    train_accuracy: 0.75,
    test_accuracy: 0.4,
    val_loss: 1.5,
    test_loss: null,
    best_epoch: 2,
    samples_per_second: 100,
    family: 'vit',
    ordering: 'preNorm',
    image_size: 32,
    patch_size: 4,
    width: 192,
    depth: 1,
    heads: 3,
    mlp_ratio: 4,
    attention: 'softmax',
    positional: 'learned1d',
    pool: 'cls',
    drop_path: 0,
    block: null,
    depths: null,
    widths: null,
    stem: null,
    shortcut: null,
    augment: 'none',
    optimizer: 'adamw',
    learning_rate: 0.001,
    weight_decay: 0.05,
    momentum: null,
    schedule: 'cosine',
    warmup_epochs: 0,
    label_smoothing: 0,
    clip_norm: null,
    ema: null,
    batch_size: 128,
    epochs: 10,
    precision: 'fp32',
    dataset: 'cifar10',
    samples: null,
    validation: 0.1,
    split_seed: 0,
    dataset_hash: 'abc',
    parameters: '5000000000',
    total_steps: 100,
    compiled: true,
    resumed_from: null,
    notes: ['note'],
    worker: 'host 1',
    device: 'CPU',
    tensorflow: '2.21.0',
    code: '0123abc+',
    lockfile: 'fff',
    node: '20.19.0',
    threads: 2,
    message: null,
    progress: null,
    axes: { 'model.depth': 1 },
    config_position: 0,
    augment_hash: canonicalHash([]),
    instruction_sets: 'avx2 fma',
    one_dnn: true,
  });
  const failed = rows.find((r) => r.run === a4?.runId);
  assert.deepEqual([failed.state, failed.cause, failed.message], ['failed', 'diverged', 'loss is NaN']);
});

test('curves: one row per value, null if it was not finite', async () => {
  const { rows } = await db.pool.query('SELECT * FROM reporting.curves');
  assert.deepEqual(rows, [{ run: a4?.runId, step: 7, epoch: 0.5, metric: 'train/loss', value: null }]);
});
