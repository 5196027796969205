import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobId, queuePrefix, RUN_QUEUE } from '@ablate/contracts';
import { dispatchedRuns, installationId } from '@ablate/db';
import { localContext, pauseSweep } from '@ablate/sweeps';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { startLeader } from '../../apps/worker/src/leader.ts';
import { openRunQueue } from '../../apps/worker/src/run-queue.ts';
import { service } from '../support/service.ts';
import { tinyConfig } from '../support/tiny.ts';

const log = pino({ level: 'silent' });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await sleep(20))
    if (await holds()) return;
  throw new Error(`timed out waiting until ${what}`);
}

test('two installations share a Redis: the queue of each holds its own jobs alone', async (t) => {
  const [one, other] = [await service(t), await service(t)];
  const opened = await Promise.all(
    [one, other].map(async ({ db, submit }) => {
      await submit([tinyConfig()]);
      const queue = openRunQueue({ url: one.redisUrl, prefix: queuePrefix(await installationId(db)) }, log);
      const intervals = { leaseSeconds: 3, dispatchSeconds: 0.05, reconcileSeconds: 0.1 };
      const leader = startLeader({ db, queue, log, window: 2, collect: async () => undefined, ...intervals });
      return { db, queue, leader };
    }),
  );
  try {
    const own = ({ db, queue }: (typeof opened)[number]) =>
      Promise.all([queue.waitingIds(), dispatchedRuns(db).then((jobs) => jobs.map(jobId))]);
    for (const part of opened)
      await until('the queue is filled', async () => {
        const [ids, wanted] = await own(part);
        return wanted.length === 1 && JSON.stringify(ids) === JSON.stringify(wanted);
      });
    // Several rounds of both reconcilers: neither removes or adds a job of the other.
    for (let look = 0; look < 30; look++, await sleep(20))
      for (const part of opened) assert.deepEqual(...(await own(part)));
  } finally {
    for (const { leader, queue } of opened) {
      await leader.close();
      await queue.close();
    }
  }
});

test('the queue holds exactly the window: unknown and paused jobs are removed, missing ones added', async (t) => {
  const { submit, db, redisUrl, row } = await service(t);
  await submit([tinyConfig(), tinyConfig({ epochs: 3 }), tinyConfig({ epochs: 4 })]);
  const prefix = queuePrefix(await installationId(db));
  const queue = openRunQueue({ url: redisUrl, prefix }, log);
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const bull = new Queue(RUN_QUEUE, { connection, prefix });
  const leader = startLeader({
    ...{ db, queue, log, window: 2 },
    collect: async () => undefined,
    ...{ leaseSeconds: 3, dispatchSeconds: 0.05, reconcileSeconds: 0.1 },
  });
  // Before the database is closed: the leader holds one of its connections.
  const close = async () => {
    await leader.close();
    await queue.close();
    await bull.close();
    connection.disconnect();
  };
  /** Redis holds the dispatched jobs, `count` of them. */
  const holds = (count: number) => async () => {
    const [ids, wanted] = [await queue.waitingIds(), (await dispatchedRuns(db)).map(jobId)];
    return wanted.length === count && JSON.stringify(ids.sort()) === JSON.stringify(wanted.sort());
  };
  try {
    await until('the window is full', holds(2));

    const stranger = { runId: '00000000-0000-4000-8000-000000000000', attempt: 1 };
    await bull.add('train', stranger, { jobId: jobId(stranger) });
    await bull.add('train', { nonsense: true }, { jobId: 'nonsense' });
    await bull.remove((await queue.waitingIds()).find((id) => /-1$/.test(id) && id !== jobId(stranger)) ?? '');
    await until('the queue is reconciled', holds(2));
    assert.deepEqual((await queue.waitingIds()).includes('nonsense'), false);

    const sweep = await row<{ id: string }>('SELECT id FROM sweep');
    await pauseSweep(localContext(db), sweep?.id ?? '');
    await until('the queue is empty', holds(0));
  } finally {
    await close();
  }
});
