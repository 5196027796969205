/** Faults 4 and 7: the queue is unreachable, loses everything, or delivers jobs twice. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { queuePrefix, RUN_QUEUE } from '@ablate/contracts';
import { installationId, openDatabase } from '@ablate/db';
import { install, QUICK } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { assertKept, causesOf } from './promises.ts';
import { LONG } from './settings.ts';

const AWAY_MS = LONG ? 30_000 : 3_000;

const all = await install({
  workers: 1,
  env: simulatedTrainer({ seconds: 1 }),
  // No lease shall expire here, even if the machine stalls; a job that Redis forgot to have delivered waits for as long.
  settings: { ...QUICK, ABLATE_LEASE_SECONDS: '6' },
});
after(() => all.close());
const { redis, api } = all;
const worker = all.workers[0]!;
afterEach(async () => {
  redis.proxy.heal();
  await Promise.all([worker.end('SIGKILL'), api.end('SIGKILL')]);
});

const training = (sweep: string) =>
  all.until('a run trains', `SELECT id FROM run WHERE sweep_id = $1 AND state = 'running'`, [sweep]);
async function flushAll(): Promise<void> {
  const client = new Redis(redis.url());
  await client.flushall();
  await client.quit();
}

test(`4: Redis killed and unreachable for ${AWAY_MS / 1000} s: the API accepts sweeps, the running run continues, the others follow`, async () => {
  const first = await all.queue(tinySpec({ configs: 1, seeds: 3 }));
  worker.start();
  api.start();
  await training(first);
  await redis.end('SIGKILL');
  const second = await all.submit(tinySpec({ configs: 1, seeds: 2 }), 'while-Redis-is-away');
  await sleep(AWAY_MS);
  await redis.start();
  await all.finished();
  await assertKept(all, [first, second.id]);
  const causes = [...(await causesOf(all, first)), ...(await causesOf(all, second.id))];
  assert.deepEqual(causes, Array(5).fill(['completed']), 'an attempt was lost with the queue');
});

test('4: FLUSHALL in mid-sweep, three times: every queued run is dispatched again, no running one is disturbed', async () => {
  const sweep = await all.queue(tinySpec({ configs: 2, seeds: 4, epochs: 2 }));
  worker.start();
  for (let done = 1; done <= 3; done++) {
    await all.until(
      'more runs are done',
      `SELECT 1 FROM run WHERE sweep_id = $1 AND state = 'succeeded' HAVING count(*) >= $2`,
      [sweep, done * 2],
    );
    await flushAll();
  }
  await all.finished();
  await assertKept(all, [sweep]);
  assert.deepEqual(await causesOf(all, sweep), Array(8).fill(['completed']));
});

test('4: reset, slow and cut connections to Redis cost no attempt', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 4 }));
  worker.start();
  await training(sweep);
  redis.proxy.reset();
  await sleep(300);
  redis.proxy.slow({ delayMs: 150, bytesPerSecond: 20_000 });
  await sleep(1_000);
  redis.proxy.cut();
  await sleep(1_000);
  redis.proxy.heal();
  await all.finished();
  await assertKept(all, [sweep]);
  assert.deepEqual(await causesOf(all, sweep), Array(4).fill(['completed']));
});

test('7: jobs that are delivered many times, also for attempts that have ended, train each run once', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 3, epochs: 2 }));
  worker.start();
  const connection = new Redis(redis.url(), { maxRetriesPerRequest: null });
  const db = openDatabase({ url: all.postgres.url(), max: 1 });
  const queue = new Queue(RUN_QUEUE, { connection, prefix: queuePrefix(await installationId(db)) });
  await db.close();
  const runs = await all.rows<{ runId: string }>('SELECT id AS "runId" FROM run WHERE sweep_id = $1', [sweep]);
  for (let i = 0; i < 30; i++)
    await queue.addBulk(
      runs.map(({ runId }) => ({ name: 'train', data: { runId, attempt: 1 }, opts: { jobId: `${runId}-again-${i}` } })),
    );
  await all.finished();
  await queue.close();
  connection.disconnect();
  await assertKept(all, [sweep]);
  assert.deepEqual(await causesOf(all, sweep), Array(3).fill(['completed']));
});
