import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { canonicalHash } from '@ablate/contracts';
import {
  claimRun,
  type Database,
  endAttempt,
  finishRun,
  openDatabase,
  recordCheckpoint,
  recordMetrics,
  startAttempt,
} from '@ablate/db';
import { modelCost } from '@ablate/models/count';
import { cancelRun, localContext, retryRun } from '@ablate/sweeps';
import { hyperparameters, RUN_COLUMNS } from '../../scripts/docs/runs-view.ts';
import { testDatabase } from '../support/postgres.ts';
import { checkpoint, claim, newSweep, RESULT, STARTED, waitingJobs } from './small-sweep.ts';

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
  const { run, started_at, finished_at, created_at, config, config_id, config_hash, sweep_id, ...figures } = rows[0];
  const { seconds, useful_seconds, ...row } = figures;
  assert.deepEqual([run, sweep_id, config.model.depth], [a1?.runId, sweep.id, 1]);
  assert.ok(created_at <= started_at && started_at <= finished_at && config_id && config_hash);
  close(seconds, (finished_at.getTime() - started_at.getTime()) / 1000);
  close(useful_seconds, seconds);
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
    classes: 10,
    qkv_bias: true,
    layer_norm_epsilon: 1e-6,
    layer_scale: null,
    drop_position: 0,
    drop_attention: 0,
    drop_projection: 0,
    drop_mlp: 0,
    small_image_size: null,
    small_patch_size: null,
    small_width: null,
    small_depth: null,
    small_heads: null,
    large_image_size: null,
    large_patch_size: null,
    large_width: null,
    large_depth: null,
    large_heads: null,
    stages: null,
    cross_depth: null,
    fusion: null,
    combine: null,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    nesterov: null,
    dataset_image_size: null,
    dataset_classes: null,
    images_per_class: null,
    skip_broken: null,
    augment_ops: [],
    macs: String(modelCost(config.model).macs),
    lost_seconds: 0,
    peak_memory_bytes: null,
    energy_joules: null,
    evaluate_with: null,
    evaluate_every_epochs: null,
    evaluate_train_images: null,
    forked_epoch: null,
    forked_from: null,
    reused_from: null,
    reused_seconds: null,
    stop_deadline: null,
    stop_plateau: null,
    stop_target: null,
  });
  const failed = rows.find((r) => r.run === a4?.runId);
  assert.deepEqual([failed.state, failed.cause, failed.message], ['failed', 'diverged', 'loss is NaN']);
});

test('curves: one row per value, null if it was not finite', async () => {
  const { rows } = await db.pool.query('SELECT * FROM reporting.curves');
  assert.deepEqual(rows, [{ run: a4?.runId, step: 7, epoch: 0.5, metric: 'train/loss', value: null }]);
});

test('runs: every hyperparameter of the schema is a column', () => {
  const shown = RUN_COLUMNS.flatMap((column) => ('path' in column ? [column.path] : []));
  assert.deepEqual(
    shown.sort(),
    hyperparameters()
      .map(({ path }) => path)
      .sort(),
    'add a column to the end of RUN_COLUMNS, run `npm run docs`, and copy prisma/views/runs.sql into a migration',
  );
  assert.ok(shown.includes('train.optimizer.nesterov') && shown.includes('model.small.patchSize'));
});

test('every view and column has a comment', async () => {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT "view" || '.' || "column" AS name FROM reporting.columns WHERE "description" IS NULL
     UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'reporting'::regnamespace AND obj_description(oid, 'pg_class') IS NULL`,
  );
  assert.deepEqual(rows, []);
});

test('seconds of a run: lost without a result, useful up to the last checkpoint once it is queued again', async () => {
  const seconds = async (runId: string) =>
    (await db.pool.query('SELECT useful_seconds AS useful, lost_seconds AS lost FROM run WHERE id = $1', [runId]))
      .rows[0];
  const [job] = await waitingJobs(db, (await newSweep(db)).id);
  const { runId } = job!;
  const age = (attempt: number, started: number) =>
    db.pool.query(
      `UPDATE attempt SET started_at = now() - make_interval(secs => $3) WHERE run_id = $1 AND number = $2`,
      [runId, attempt, started],
    );
  await claimRun(db, { ...job!, worker: 'host 1' });
  await age(1, 100);
  await recordCheckpoint(db, { runId, attempt: 1, checkpoint: checkpoint('last', 10) });
  await db.pool.query(`UPDATE attempt SET saved_at = started_at + interval '60 s' WHERE run_id = $1`, [runId]);
  await endAttempt(db, { runId, attempt: 1, cause: 'lost', message: 'no heartbeat' });
  const first = await seconds(runId);
  assert.ok(Math.abs(first.useful - 60) < 0.1 && Math.abs(first.lost - 40) < 2, JSON.stringify(first));

  await claim(db, { runId, attempt: 2 });
  await age(2, 10);
  await endAttempt(db, { runId, attempt: 2, cause: 'diverged', message: 'loss is NaN' });
  const failed = await seconds(runId);
  assert.ok(failed.useful === 0 && Math.abs(failed.lost - 110) < 3, JSON.stringify(failed));

  await retryRun(context, runId);
  await claim(db, { runId, attempt: 3 });
  await age(3, 5);
  await finishRun(db, { runId, attempt: 3, result: RESULT });
  const done = await seconds(runId);
  assert.ok(Math.abs(done.useful - 65) < 2 && Math.abs(done.lost - 50) < 3, JSON.stringify(done));
});
