import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { queuePrefix, RUN_QUEUE, resolveConfig } from '@ablate/contracts';
import { installationId } from '@ablate/db';
import { sha256 } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { cancelRun, changeSweep, localContext, pauseRun, resumeRun } from '@ablate/sweeps';
import { fit } from '@ablate/training';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { imageFolder, writeFolder } from '../data/archives.ts';
import { testEnvironment } from '../support/run-environment.ts';
import { SHORT_LEASE, service, type TestWorker } from '../support/service.ts';
import { data, STEPS_PER_EPOCH, tinyCommand, tinyConfig } from '../support/tiny.ts';

type Run = {
  state: string;
  cause: string;
  message: string;
  attempt: number;
  val_accuracy: number;
  test_accuracy: number;
  progress: { step: number };
};

test('a queued run is trained: its rows have the state, metrics, checkpoints and environment', async (t) => {
  const { submit, worker, finished, row, rows, checkpoints } = await service(t);
  const [runId] = await submit([tinyConfig()]);
  worker();
  await finished();

  const run = await row<Run>('SELECT * FROM run');
  assert.equal(run?.state, 'succeeded', run?.message);
  assert.equal(run.attempt, 1);
  assert.ok(run.val_accuracy >= 0 && run.test_accuracy > 0);
  assert.equal(run.progress.step, 2 * STEPS_PER_EPOCH);
  const attempt = await row<{ cause: string; environment: { tensorflow: string; device: string } }>(
    'SELECT * FROM attempt',
  );
  assert.equal(attempt?.cause, 'completed');
  assert.match(attempt?.environment.tensorflow ?? '', /^\d+\.\d+/);

  const cost = await row<{ useful: number; lost: number; memory: number }>(
    'SELECT useful_seconds AS useful, lost_seconds AS lost, peak_memory_bytes::float8 AS memory FROM run',
  );
  assert.ok(cost && cost.useful > 0 && cost.lost === 0, JSON.stringify(cost));
  if (process.platform === 'linux') assert.ok(cost.memory > 50e6 && cost.memory < 20e9, `${cost.memory} bytes`);

  const metrics = await rows<{ name: string; step: number }>('SELECT name, step FROM metric_point ORDER BY name, step');
  const names = ['learningRate', 'samplesPerSecond', 'train/accuracy', 'train/loss', 'val/accuracy', 'val/loss'];
  assert.deepEqual(
    metrics.map(({ name, step }) => [name, step]),
    names.flatMap((name) => [STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH].map((step) => [name, step])),
  );

  const files = await rows<{ kind: string; file: string; sha256: string }>(
    'SELECT * FROM any_checkpoint ORDER BY kind, step',
  );
  assert.deepEqual(
    files.map(({ kind }) => kind),
    ['best', 'last', 'last'],
  );
  for (const { file, sha256: expected } of files)
    assert.equal(sha256(await readFile(join(checkpoints, runId!, file))), expected);
  assert.deepEqual((await readdir(join(checkpoints, runId!))).sort(), files.map(({ file }) => file).sort());

  const predictions = await rows<{ split: string; attempt: number; share: number; label_names: number }>(
    `SELECT split, avg(correct::integer)::float8 AS share, count(DISTINCT label_name)::integer AS label_names
     FROM reporting.predictions WHERE run = $1 GROUP BY split ORDER BY split`,
    [runId],
  );
  assert.deepEqual(
    predictions.map(({ split }) => split),
    ['test', 'validation'],
  );
  const near = (one: number | undefined, other: number) => assert.ok(Math.abs((one ?? Number.NaN) - other) < 1e-6);
  near(predictions[0]?.share, run.test_accuracy);
  near(predictions[1]?.share, run.val_accuracy);
  assert.equal(predictions[0]?.label_names, 10);
});

/** Long enough to be interrupted, with epochs that last longer than a poll: 6 epochs of 135 steps. */
const LONG_EPOCH = 135;
const longConfig = tinyConfig({ epochs: 6 }, 4800);
const LONG_METRICS = 6 * 6;
const MID_EPOCH = `SELECT id FROM run WHERE state = 'running' AND EXISTS (
  SELECT FROM checkpoint WHERE run_id = run.id AND kind = 'last' AND step > ${LONG_EPOCH} AND step % ${LONG_EPOCH} <> 0)`;

/** SHA-256 of the best and the last checkpoint of the long run without any fault. */
let hashes: Promise<string[]> | undefined;
const undisturbed = (): Promise<string[]> => {
  hashes ??= (async () => {
    const home = temporaryFolder();
    const files = new Map<string, string>();
    const command = tinyCommand(home.path, { config: longConfig, seed: 1 });
    const options = { data, checkpointSeconds: 3600, environment: testEnvironment, stop: new AbortController().signal };
    for await (const event of fit(command, options))
      if (event.type === 'checkpoint') files.set(event.checkpoint.kind, event.checkpoint.sha256);
    home.remove();
    return ['best', 'last'].map((kind) => files.get(kind) ?? '');
  })();
  return hashes;
};
const CHECKPOINTS = 'SELECT sha256 FROM checkpoint ORDER BY kind';

test('a worker killed in mid-epoch: another takes over, and the checkpoints have the same bytes as those of an undisturbed run', async (t) => {
  const { submit, worker, finished, row, rows, until } = await service(t);
  await submit([longConfig]);
  const first = worker(SHORT_LEASE);
  await until('mid-epoch', MID_EPOCH);
  first.process.kill('SIGKILL');
  worker(SHORT_LEASE);
  await finished();
  assert.deepEqual(trainersOf(first).filter(isAlive), [], 'a trainer outlived its worker');

  const run = await row<Run>('SELECT * FROM run');
  assert.equal(run?.state, 'succeeded', run?.message);
  assert.equal(run.attempt, 2);
  const attempts = await rows<{ cause: string; resumed_from: number }>('SELECT * FROM attempt ORDER BY number');
  assert.deepEqual(
    attempts.map(({ cause }) => cause),
    ['lost', 'completed'],
  );
  assert.ok((attempts[1]?.resumed_from ?? 0) > LONG_EPOCH);
  assert.equal((await rows('SELECT DISTINCT name, step FROM metric_point')).length, LONG_METRICS);
  assert.equal((await rows('SELECT name, step FROM metric_point')).length, LONG_METRICS);
  const files = await rows<{ sha256: string }>(CHECKPOINTS);
  assert.deepEqual(
    files.map((file) => file.sha256),
    await undisturbed(),
  );
});

/** Process ids of the trainers that a worker has started so far. */
const trainersOf = ({ log }: TestWorker): number[] =>
  [...log().matchAll(/"pid":(\d+),"msg":"trainer ready"/g)].map((match) => Number(match[1]));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a trainer killed in mid-epoch costs one attempt; the checkpoints have the same bytes', async (t) => {
  const { submit, worker, finished, rows, until } = await service(t);
  await submit([longConfig]);
  const only = worker();
  await until('mid-epoch', MID_EPOCH);
  const [trainer] = trainersOf(only);
  process.kill(trainer!, 'SIGKILL');
  await finished();
  const attempts = await rows<{ cause: string; message: string }>('SELECT * FROM attempt ORDER BY number');
  assert.deepEqual(
    attempts.map(({ cause }) => cause),
    ['lost', 'completed'],
  );
  assert.match(attempts[0]?.message ?? '', /the trainer exited on SIGKILL/);
  const files = await rows<{ sha256: string }>(CHECKPOINTS);
  assert.deepEqual(
    files.map((file) => file.sha256),
    await undisturbed(),
  );
});

test('a trainer that hangs is killed: after ABLATE_SILENCE_SECONDS, or ABLATE_GRACE_SECONDS after a stop request', async (t) => {
  const { submit, worker, finished, row, rows, until, db } = await service(t);
  const [runId] = await submit([tinyConfig({ epochs: 1000 }, 1600)]);
  const only = worker({ ABLATE_SILENCE_SECONDS: '15', ABLATE_GRACE_SECONDS: '1' });
  await until('the run trains', MID_EPOCH);
  process.kill(trainersOf(only)[0]!, 'SIGSTOP');
  await until(
    'the attempt is lost',
    `SELECT number FROM attempt WHERE cause = 'lost' AND message LIKE '%sent no event%'`,
  );
  await until('the run resumes', 'SELECT number FROM attempt WHERE number = 2 AND resumed_from > 0');
  process.kill(trainersOf(only)[1]!, 'SIGSTOP');
  await cancelRun(localContext(db), runId!);
  await finished();
  assert.equal((await row<Run>('SELECT * FROM run'))?.state, 'cancelled');
  const attempts = await rows<{ cause: string }>('SELECT * FROM attempt ORDER BY number');
  assert.deepEqual(
    attempts.map(({ cause }) => cause),
    ['lost', 'cancelled'],
  );
  assert.deepEqual(trainersOf(only).filter(isAlive), []);
});

test('broken connections to Postgres and Redis are reopened, and cost no attempt', async (t) => {
  const { submit, worker, finished, rows, row, until, redisUrl } = await service(t);
  await submit([longConfig, tinyConfig()]);
  const { log } = worker();
  await until('mid-epoch', MID_EPOCH);
  const redis = new Redis(redisUrl);
  const clients = String(await redis.client('LIST')).split('\n');
  const own = new URL(redisUrl).pathname.slice(1);
  for (const client of clients.filter((line) => line.includes(` db=${own} `) && !line.includes('cmd=client')))
    await redis.client('KILL', 'ID', /^id=(\d+)/.exec(client)?.[1] ?? '');
  await redis.quit();
  const killed = `SELECT count(*)::int AS count FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()) AS ended`;
  assert.ok(((await row<{ count: number }>(killed))?.count ?? 0) > 0);
  await finished();
  const runs = await rows<Run>('SELECT * FROM run');
  assert.deepEqual(
    runs.map(({ state, attempt }) => [state, attempt]),
    Array(2).fill(['succeeded', 1]),
  );
  assert.equal((await rows('SELECT * FROM metric_point')).length, LONG_METRICS + 2 * 6);
  assert.doesNotMatch(log(), /"level":60/);
});

test('a worker that was frozen past its lease writes nothing when it resumes, and kills its trainer', async (t) => {
  const { submit, worker, finished, row, rows, until } = await service(t);
  await submit([longConfig]);
  const zombie = worker(SHORT_LEASE);
  await until('mid-epoch', MID_EPOCH);
  zombie.process.kill('SIGSTOP');
  worker(SHORT_LEASE);
  await until('the second attempt writes', 'SELECT true AS yes FROM metric_point WHERE attempt = 2');
  const before = await rows('SELECT * FROM metric_point WHERE attempt = 1');
  zombie.process.kill('SIGCONT');
  await finished();
  const run = await row<Run>('SELECT * FROM run');
  assert.equal(run?.state, 'succeeded', run?.message);
  assert.equal(run.attempt, 2);
  const known = new Set(before.map((metric) => JSON.stringify(metric)));
  const written = (await rows('SELECT * FROM metric_point WHERE attempt = 1')).filter(
    (m) => !known.has(JSON.stringify(m)),
  );
  assert.deepEqual(written, []);
  const late = `SELECT FROM checkpoint JOIN attempt ON attempt.run_id = checkpoint.run_id AND attempt.number = 2
    WHERE checkpoint.attempt = 1 AND checkpoint.created_at > attempt.started_at`;
  assert.deepEqual(await rows(late), []);
  assert.equal((await rows('SELECT name, step FROM metric_point')).length, LONG_METRICS);
  assert.match(zombie.log(), /superseded/);
});

test('a machine that sleeps past the lease of its runs loses none of them', async (t) => {
  const { submit, worker, finished, rows, until } = await service(t);
  await submit([longConfig]);
  const only = worker(SHORT_LEASE);
  await until('mid-epoch', MID_EPOCH);
  const processes = [only.process.pid!, ...trainersOf(only)];
  for (const pid of processes) process.kill(pid, 'SIGSTOP');
  await sleep(6_000);
  for (const pid of processes) process.kill(pid, 'SIGCONT');
  await finished();
  assert.deepEqual(await rows('SELECT number, cause FROM attempt'), [{ number: 1, cause: 'completed' }]);
  assert.match(only.log(), /the machine slept/);
});

test('a heartbeat between the end of a run and that of its attempt does not kill the trainer, which the next run gets', async (t) => {
  const { submit, worker, finished, rows, until, db } = await service(t);
  await submit([tinyConfig(), tinyConfig({ epochs: 3 })]);
  const client = await db.pool.connect();
  await client.query('BEGIN; LOCK TABLE curve_summary IN SHARE ROW EXCLUSIVE MODE'); // written after the run has ended
  const only = worker();
  await until('the first run has ended', `SELECT id FROM run WHERE state = 'succeeded'`);
  await sleep(1_000); // five heartbeats
  await client.query('COMMIT');
  client.release();
  await finished();
  assert.deepEqual(await rows('SELECT number, cause FROM attempt'), Array(2).fill({ number: 1, cause: 'completed' }));
  assert.equal(trainersOf(only).length, 1);
});

test('after FLUSHDB in Redis, queued runs are added again, and a running one continues', async (t) => {
  const { submit, worker, finished, rows, until, redisUrl } = await service(t);
  await submit([tinyConfig(), tinyConfig({ epochs: 3 }), tinyConfig({ epochs: 4 })]);
  worker();
  await until('one runs', `SELECT id FROM run WHERE state = 'running'`);
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  await redis.quit();
  await finished();
  const runs = await rows<Run>('SELECT * FROM run');
  assert.deepEqual(
    runs.map(({ state, attempt }) => [state, attempt]),
    Array(3).fill(['succeeded', 1]),
  );
});

test('a job that is delivered twice, or for an attempt that has ended, trains once', async (t) => {
  const { submit, worker, finished, rows, redisUrl, until, db } = await service(t);
  const [runId] = await submit([tinyConfig()]);
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(RUN_QUEUE, { connection, prefix: queuePrefix(await installationId(db)) });
  for (const id of ['a', 'b', 'c']) await queue.add('train', { runId, attempt: 1 }, { jobId: id });
  await queue.add('train', { runId: 'nonsense' }, { jobId: 'd' });
  const { log } = worker({ ABLATE_SLOTS: '2' });
  await finished();
  await queue.add('train', { runId, attempt: 1 }, { jobId: 'e' });
  await until('the queue is empty', 'SELECT true AS yes');
  while ((await queue.getJobCountByTypes('wait', 'active')) > 0) await sleep(20);
  while ((await queue.getCompletedCount()) === 0) await sleep(20);
  const kept = [await queue.getCompleted(), await queue.getFailed()].map((jobs) => jobs.map(({ id }) => id));
  assert.deepEqual(kept, [[`${runId}-1`], ['d']]);
  await queue.close();
  connection.disconnect();
  assert.equal((await rows('SELECT * FROM attempt')).length, 1);
  assert.equal(log().match(/attempt claimed/g)?.length, 1);
  assert.match(log(), /has invalid data/);
});

test('a finished job that Redis kept under the same id does not block the run', async (t) => {
  const { submit, worker, finished, row, redisUrl, db } = await service(t);
  const [runId] = await submit([tinyConfig()]);
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(RUN_QUEUE, { connection, prefix: queuePrefix(await installationId(db)) });
  await queue.add('train', { runId, attempt: 1 }, { jobId: `${runId}-1` });
  const other = new Worker(RUN_QUEUE, async () => undefined, {
    connection,
    prefix: queuePrefix(await installationId(db)),
  });
  await once(other, 'completed');
  await other.close();
  assert.equal(await queue.getJobCountByTypes('completed'), 1);
  await queue.close();
  connection.disconnect();
  worker();
  await finished();
  assert.equal((await row<Run>('SELECT * FROM run'))?.state, 'succeeded');
});

test('cancelling a running run stops its trainer within seconds', async (t) => {
  const { submit, worker, finished, row, until, db } = await service(t);
  const [runId] = await submit([tinyConfig({ epochs: 1000 }, 1600)]);
  const { log } = worker();
  await until('the run trains', MID_EPOCH);
  await cancelRun(localContext(db), runId!);
  await finished();
  const run = await row<Run>('SELECT * FROM run');
  assert.deepEqual([run?.state, run?.cause], ['cancelled', 'cancelled']);
  assert.doesNotMatch(log(), /"level":50/);
});

test('a paused run saves a checkpoint and stops within ten seconds, and resumes from that checkpoint', async (t) => {
  const { submit, worker, finished, row, rows, until, db } = await service(t);
  const [runId] = await submit([longConfig]);
  worker();
  await until('mid-epoch', MID_EPOCH);
  const requested = performance.now();
  await pauseRun(localContext(db), runId!);
  await until('the run has stopped', `SELECT id FROM run WHERE state = 'queued'`);
  assert.ok(performance.now() - requested < 10_000);
  const [attempt] = await rows<{ cause: string; message: string }>('SELECT cause, message FROM attempt');
  assert.deepEqual([attempt?.cause, /^paused by a user/.test(attempt?.message ?? '')], ['preempted', true]);
  const saved = await row<{ step: number }>(`SELECT step FROM checkpoint WHERE kind = 'last'`);
  assert.match(attempt?.message ?? '', new RegExp(`at step ${saved?.step} of`));
  await resumeRun(localContext(db), runId!);
  await finished();
  assert.deepEqual(await rows('SELECT number, cause, resumed_from FROM attempt ORDER BY number'), [
    { number: 1, cause: 'preempted', resumed_from: null },
    { number: 2, cause: 'completed', resumed_from: saved?.step },
  ]);
  const files = await rows<{ sha256: string }>(CHECKPOINTS);
  assert.deepEqual(
    files.map((file) => file.sha256),
    await undisturbed(),
  );
});

test('a run of higher priority gets the slot, and the preempted run resumes after it', async (t) => {
  const { submit, worker, finished, rows, until, db } = await service(t);
  // Longer than the queue needs to notice the other run, however fast a step is.
  const [low] = await submit([tinyConfig({ epochs: 12 }, 4800)]);
  worker();
  await until('mid-epoch', MID_EPOCH);
  const [high] = await submit([tinyConfig()]);
  const sweep = await db.pool.query('SELECT sweep_id FROM run WHERE id = $1', [high]);
  await changeSweep(localContext(db), { sweepId: sweep.rows[0].sweep_id, priority: 1 });
  await finished();
  assert.deepEqual(await rows(`SELECT run_id, cause FROM attempt ORDER BY ended_at`), [
    { run_id: low, cause: 'preempted' },
    { run_id: high, cause: 'completed' },
    { run_id: low, cause: 'completed' },
  ]);
});

test('a run that diverges fails as diverged, and the worker trains the next one', async (t) => {
  const { submit, worker, finished, rows } = await service(t);
  const optimizer = { name: 'adamw', learningRate: 1000, weightDecay: 10 };
  await submit([tinyConfig({ optimizer, schedule: { name: 'constant' }, epochs: 20 }), tinyConfig()]);
  worker();
  await finished();
  const runs = await rows<Run>('SELECT * FROM run ORDER BY position');
  assert.deepEqual(
    runs.map(({ state, cause }) => [state, cause]),
    [
      ['failed', 'diverged'],
      ['succeeded', 'completed'],
    ],
  );
  assert.match(runs[0]?.message ?? '', /loss was .* in epoch 1/);
});

test('on SIGTERM a worker saves, requeues its run as preempted, and exits within 20 s', async (t) => {
  const { submit, worker, finished, row, rows, until } = await service(t);
  await submit([longConfig]);
  const first = worker();
  await until('mid-epoch', MID_EPOCH);
  first.process.kill('SIGTERM');
  assert.equal(await first.exited, 0);
  const run = await row<Run>('SELECT * FROM run');
  assert.deepEqual([run?.state, run?.attempt], ['queued', 1]);
  const second = worker();
  await until('the run resumes', `SELECT number FROM attempt WHERE number = 2 AND resumed_from > ${LONG_EPOCH}`);
  // A supervisor that dies closes the channel: the worker shuts down in the same way.
  second.process.disconnect();
  assert.equal(await second.exited, 0);
  worker();
  await finished();
  const attempts = await rows<{ cause: string }>('SELECT * FROM attempt ORDER BY number');
  assert.deepEqual(
    attempts.map(({ cause }) => cause),
    ['preempted', 'preempted', 'completed'],
  );
  const files = await rows<{ sha256: string }>(CHECKPOINTS);
  assert.deepEqual(
    files.map((file) => file.sha256),
    await undisturbed(),
  );
});

test('a run whose data set is not on a machine is trained by another, or waits with the reason until the data set appears', async (t) => {
  const { submit, worker, finished, row, rows, until } = await service(t);
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  t.after(() => {
    here.remove();
    there.remove();
  });
  await writeFolder(join(there.path, 'pets'), imageFolder({ size: 16 }));
  const config = (name: string) => {
    const resolved = resolveConfig({
      dataset: { name, validation: 0.34 },
      model: { family: 'vit', imageSize: 16, classes: 2, patchSize: 8, width: 24, depth: 1, heads: 2 },
      train: { epochs: 1, batchSize: 2 },
      augment: 'none',
    });
    assert.ok('config' in resolved, JSON.stringify(resolved));
    return resolved.config;
  };
  const [pets, birds] = await submit([config('pets'), config('birds')]);
  const without = worker({ ABLATE_DATA: here.path });
  const reason = `SELECT message FROM run WHERE id = $1 AND state = 'queued' AND attempt = 0 AND message IS NOT NULL`;
  const { message } = await until<{ message: string }>('the first worker declines', reason, [pets]);
  assert.match(message, /^data set "pets" is not on .* put it there, or start a worker that has it; the run waits$/);
  worker({ ABLATE_DATA: there.path });
  await until('the second worker trains it', `SELECT id FROM run WHERE id = $1 AND state = 'succeeded'`, [pets]);
  await until('the other run waits', reason, [birds]);
  await writeFolder(join(here.path, 'birds'), imageFolder({ size: 16 }));
  await finished();
  const runs = await rows<Run>('SELECT * FROM run');
  assert.deepEqual(
    runs.map(({ state, attempt, message }) => [state, attempt, message]),
    Array(2).fill(['succeeded', 1, null]),
  );
  const trained = await row<{ worker: string }>('SELECT worker FROM attempt WHERE run_id = $1', [birds]);
  assert.equal(trained?.worker.split('/')[1], String(without.process.pid));
});
