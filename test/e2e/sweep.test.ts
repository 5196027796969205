/** A run end to end, in real processes: submitted over HTTP, trained by a worker, queried in SQL. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { page, RunView, SweepView } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import pg from 'pg';
import { testDatabase } from '../support/postgres.ts';
import { testRedis } from '../support/redis.ts';

const IMAGES = join(REPOSITORY, '..', 'shared', 'data', 'cifar10-imagefolder.tar.gz');
const CIFAR = { name: 'cifar10', epochs: 4 };
/** For a clone without images. The shapes can be anywhere in the image, which takes longer to learn. */
const GENERATED = { name: 'shapes10', epochs: 12 };
const { name: dataset, epochs } = existsSync(IMAGES) ? CIFAR : GENERATED;

const SPEC = {
  version: 1,
  name: 'end to end',
  dataset: { name: dataset, samples: 2000 },
  model: { family: 'vit', patchSize: 8, width: 64, depth: 2, heads: 2, pool: 'mean' },
  train: { epochs, batchSize: 50, optimizer: { name: 'adamw', learningRate: 0.002 } },
  seeds: [1],
  space: { 'model.ordering': ['preNorm', 'parallel'] },
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  await new Promise((closed) => server.close(closed));
  return address.port;
}

/** Send a signal and wait for the exit. */
async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}

/** An API and workers with a database, a Redis and a home for one test. */
async function service(t: TestContext) {
  const children = new Set<ChildProcess>();
  // The first hook: the children exit before their servers stop.
  t.after(async () => {
    await Promise.all([...children].map((child) => ended(child, 'SIGTERM')));
  });
  const home = temporaryFolder();
  const [database, redis, port] = [await testDatabase(t), await testRedis(t), await freePort()];
  const env = {
    ...process.env,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    ABLATE_HOME: home.path,
    ABLATE_PORT: String(port),
    ABLATE_LEASE_SECONDS: '4',
    ABLATE_LOG: 'warn',
    ABLATE_THREADS: '1',
  };
  const start = (entry: string): ChildProcess => {
    const child = fork(join(REPOSITORY, entry), { env, execArgv: ['--import', 'tsx'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  const origin = `http://127.0.0.1:${port}`;
  const call = (path: string, init?: RequestInit) => fetch(`${origin}/api/v1${path}`, init);

  start('apps/api/src/server.ts');
  await until('the API is ready', 60, async () => (await fetch(`${origin}/ready`).catch(() => undefined))?.ok);
  return {
    databaseUrl: database.url,
    startWorker: () => start('apps/worker/src/worker.ts'),
    submit: async (spec: unknown) => {
      const answer = await call('/sweeps', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(spec),
      });
      assert.equal(answer.status, 202, await answer.clone().text());
      return SweepView.parse(await answer.json());
    },
    runs: async (sweepId: string) => page(RunView).parse(await (await call(`/sweeps/${sweepId}/runs`)).json()).items,
  };
}

/** Poll until the result is truthy, and return it. Fails after `seconds`. */
async function until<T>(what: string, seconds: number, ask: () => Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await wait(200);
  }
  return assert.fail(`timed out after ${seconds} s waiting until ${what}`);
}

async function select(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test(`a sweep submitted over HTTP learns from ${dataset}, and SQL shows it`, async (t) => {
  const { databaseUrl, startWorker, submit, runs } = await service(t);
  startWorker();
  const sweep = await submit(SPEC);
  assert.equal(sweep.counts.queued, 2);

  const finished = await until('both runs finished', 200, async () => {
    const all = await runs(sweep.id);
    return all.every((run) => run.finishedAt !== null) ? all : undefined;
  });
  assert.deepEqual(
    finished.map((run) => [run.state, run.cause, run.attempt]),
    [
      ['succeeded', 'completed', 1],
      ['succeeded', 'completed', 1],
    ],
  );

  const rows = await select(databaseUrl, 'select * from reporting.ablation order by position');
  assert.deepEqual(
    rows.map(({ axes, n }) => [axes, n]),
    [
      [{ 'model.ordering': 'preNorm' }, 1],
      [{ 'model.ordering': 'parallel' }, 1],
    ],
  );
  // Chance is 0.1, with a standard error below 0.007 on 10,000 (or 2,000) test images: 0.2 fails if labels, gradients
  // or the evaluated weights are wrong, not by chance.
  for (const { test_mean } of rows) assert.ok(Number(test_mean) > 0.2, `test accuracy ${test_mean}`);
  const [curve] = await select(
    databaseUrl,
    `select count(*)::int as epochs, count(distinct run)::int as runs from reporting.curves where metric = 'val/accuracy'`,
  );
  assert.deepEqual(curve, { epochs: 2 * epochs, runs: 2 });
});

test('a worker killed in mid-epoch costs one attempt; no metric is missing or duplicate', async (t) => {
  const { databaseUrl, startWorker, submit, runs } = await service(t);
  const first = startWorker();
  const epochs = 24; // long enough for several heartbeats in mid-epoch
  const sweep = await submit({ ...SPEC, train: { ...SPEC.train, epochs }, space: {} });
  await until('the run is in mid-epoch', 120, async () => {
    const [run] = await runs(sweep.id);
    const epoch = run?.progress?.epoch ?? 0;
    return run?.state === 'running' && epoch > 1 && epoch < epochs - 4 && !Number.isInteger(epoch);
  });
  await ended(first, 'SIGKILL');
  startWorker();

  const run = await until('the run finished', 150, async () => {
    const [only] = await runs(sweep.id);
    return only?.finishedAt ? only : undefined;
  });
  assert.deepEqual([run.state, run.attempt], ['succeeded', 2]);
  assert.deepEqual(await select(databaseUrl, 'select cause::text from public.attempt order by number'), [
    { cause: 'lost' },
    { cause: 'completed' },
  ]);
  assert.deepEqual(
    await select(databaseUrl, `select step from reporting.curves where metric = 'val/accuracy' order by step`),
    Array.from({ length: epochs }, (_, epoch) => ({ step: 36 * (epoch + 1) })),
  );
});
