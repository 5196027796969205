import assert from 'node:assert/strict';
import test from 'node:test';
import { jobId, KEPT_JOBS, queuePrefix, RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { claimRun, dispatch, endAttempt, finishRun, installationId, numberEvents } from '@ablate/db';
import { localContext, nameJobs } from '@ablate/sweeps';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { finishedJobsKeeper } from '../../apps/worker/src/finished-jobs.ts';
import { openRunQueue } from '../../apps/worker/src/run-queue.ts';
import { service } from '../support/service.ts';
import { tinyConfig } from '../support/tiny.ts';

const RESULT = {
  ...{ valAccuracy: 0.5, valLoss: 1, trainAccuracy: 0.6, testAccuracy: 0.4, testLoss: 1 },
  ...{ bestEpoch: 1, samplesPerSecond: 10 },
};

async function queues(t: Parameters<typeof service>[0]) {
  const { submit, db, redisUrl, row } = await service(t);
  const prefix = queuePrefix(await installationId(db));
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const bull = new Queue<RunJob>(RUN_QUEUE, { connection, prefix });
  const queue = openRunQueue({ url: redisUrl, prefix }, pino({ level: 'silent' }));
  const restore = finishedJobsKeeper(db, queue);
  /** Restores what the log of events has. */
  const keep = async () => {
    await numberEvents(db);
    await restore();
  };
  const close = async () => {
    await Promise.all([bull.close(), queue.close()]);
    connection.disconnect();
  };
  return { submit, db, row, redis: connection, prefix, bull, queue, keep, close };
}

test('finished jobs are restored from the database after a flush: names, results, causes, times', async (t) => {
  const { submit, db, row, redis, bull, keep, close } = await queues(t);
  try {
    const [a, b] = (await submit([tinyConfig(), tinyConfig({ epochs: 3 })])).map((runId) => ({ runId, attempt: 1 }));
    assert.ok(a && b);
    await dispatch(db, { window: 2, room: 2 });
    for (const job of [a, b]) await claimRun(db, { ...job, worker: 'test' });
    await finishRun(db, { ...a, result: RESULT });
    const message = `the loss was NaN ${'x'.repeat(5_000)}`;
    await endAttempt(db, { ...b, cause: 'diverged', message });
    await keep();
    type Times = { started_at: Date; ended_at: Date };
    for (const flushed of [false, true]) {
      if (flushed) await redis.flushdb();
      await keep();
      const [completed, failed] = [await bull.getCompleted(), await bull.getFailed()];
      assert.deepEqual([completed.length, failed.length], [1, 1]);
      const [done, broken] = [completed[0]!, failed[0]!];
      assert.deepEqual([done.id, done.name, done.data], [jobId(a), 'test · as written · seed 1', a]);
      const { seconds, ...accuracies } = done.returnvalue;
      assert.deepEqual(accuracies, { validationAccuracy: 0.5, testAccuracy: 0.4 });
      const attempt: Times | undefined = await row('SELECT * FROM attempt WHERE run_id = $1', [a.runId]);
      assert.ok(attempt && seconds >= 0);
      assert.deepEqual([done.processedOn, done.finishedOn], [attempt.started_at.getTime(), attempt.ended_at.getTime()]);
      assert.match(broken.failedReason, /^diverged: the loss was NaN/);
      assert.ok(broken.failedReason.length <= 2_000, 'the message is bounded');
      assert.equal(await done.getState(), 'completed');
      assert.ok((await bull.getJobLogs(jobId(a))).count > 0);
    }
  } finally {
    await close();
  }
});

test('a lost attempt is restored once no worker holds its job, and a kept job blocks no later attempt', async (t) => {
  const { submit, db, bull, queue, keep, redis, prefix, close } = await queues(t);
  try {
    const [runId = ''] = await submit([tinyConfig()]);
    const [first, second] = [1, 2].map((attempt) => ({ runId, attempt }));
    assert.ok(first && second);
    const { jobs } = await dispatch(db, { window: 1, room: 1 });
    await queue.add(await nameJobs(localContext(db), jobs));
    const worker = new Worker(RUN_QUEUE, undefined, {
      connection: redis,
      prefix,
      autorun: false,
      lockDuration: 60_000,
    });
    const held = await worker.getNextJob('its token');
    assert.equal(held?.id, jobId(first));
    await claimRun(db, { ...first, worker: 'test' });
    await endAttempt(db, { ...first, cause: 'lost', message: 'no heartbeat for 3 s' });
    await keep();
    assert.deepEqual(await bull.getFailed(), [], 'a worker may still report the end itself');

    await redis.del(`${bull.toKey(jobId(first))}:lock`); // as after the lease
    await keep();
    const [failed] = await bull.getFailed();
    assert.deepEqual([failed?.id, failed?.failedReason], [jobId(first), 'lost: no heartbeat for 3 s']);
    assert.deepEqual(await bull.getActive(), []);
    await worker.close();

    assert.deepEqual(await queue.waitingIds(), [], 'a kept job is not a waiting one');
    assert.equal(await queue.waiting(), 0);
    const name = 'second';
    await queue.add([{ ...second, name }]);
    assert.deepEqual(await queue.waitingIds(), [jobId(second)]);
    assert.deepEqual(await queue.missing([second]), []);
    assert.deepEqual(await queue.missing([first]), [first], 'a finished job will not be processed');
  } finally {
    await close();
  }
});

test('at most the newest thousand finished jobs are kept', async (t) => {
  const { queue, bull, close } = await queues(t);
  try {
    const at = (i: number) => new Date(Date.now() - 1_000_000 + i);
    const jobs = Array.from({ length: KEPT_JOBS.count + 5 }, (_, i) => ({
      ...{ runId: crypto.randomUUID(), attempt: 1, name: `job ${i}`, end: { failure: 'lost' }, log: ['x'] },
      times: { created: at(i), started: at(i), finished: at(i) },
    }));
    await queue.restore(jobs);
    const failed = await bull.getFailed(0, -1);
    assert.equal(failed.length, KEPT_JOBS.count);
    assert.equal(failed.at(-1)?.name, 'job 5');
  } finally {
    await close();
  }
});
