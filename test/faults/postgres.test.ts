/** Faults 5 and 13: Postgres is unreachable or slow, or its responses are lost. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { LOST_ANSWERS } from './nemesis.ts';
import { assertKept, causesOf } from './promises.ts';
import { LONG } from './settings.ts';

const AWAY_MS = LONG ? 30_000 : 4_000;

const all = await install({ workers: 1, env: simulatedTrainer({ seconds: 1 }) });
after(() => all.close());
const { postgres, api } = all;
const worker = all.workers[0]!;
afterEach(async () => {
  postgres.proxy.heal();
  await Promise.all([worker.end('SIGKILL'), api.end('SIGKILL')]);
});

const training = (sweep: string) =>
  all.until(
    'a run trains',
    `SELECT run.id FROM run JOIN metric_point ON metric_point.run_id = run.id WHERE run.sweep_id = $1 AND state = 'running'`,
    [sweep],
  );
const noneExited = () => assert.doesNotMatch(worker.log(), /"level":60|unhandled error/);

for (const [how, signal] of [
  ['stopped at once', 'SIGQUIT'],
  ['killed', 'SIGKILL'],
] as const)
  test(`5: Postgres ${how} in mid-sweep and unreachable for ${AWAY_MS / 1000} s costs only time`, async () => {
    const sweep = await all.queue(tinySpec({ configs: 1, seeds: 4 }));
    worker.start();
    await training(sweep);
    await postgres.end(signal);
    await sleep(AWAY_MS);
    assert.ok(worker.alive);
    await postgres.start();
    await all.finished();
    await assertKept(all, [sweep]);
    noneExited();
  });

test('5: while Postgres is unreachable the API answers 503, and works as soon as it is back', async () => {
  api.start();
  await all.ready();
  await postgres.end('SIGQUIT');
  const refused = await fetch(`${all.origin}/api/v1/sweeps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(tinySpec()),
  });
  assert.equal(refused.status, 503);
  await postgres.start();
  await all.ready();
  const sweep = await all.submit(tinySpec({ configs: 1, seeds: 1 }), 'after-the-stop');
  worker.start();
  await all.finished();
  await assertKept(all, [sweep.id]);
  assert.ok(api.alive);
});

test('13: a statement whose response is lost takes effect once', async () => {
  for (const statement of LOST_ANSWERS) {
    // A new worker for each statement: a prepared statement's text is sent only once on a connection.
    if (worker.alive) await worker.end('SIGKILL');
    const sweep = await all.queue(tinySpec({ configs: 1, seeds: 2, epochs: 2 }));
    const lost = postgres.proxy.loseAnswer(statement);
    worker.start();
    // COMMIT is sent by the leader's transactions only, which a calm sweep may not need.
    if (statement !== 'COMMIT') await lost;
    await all.finished();
    postgres.proxy.heal();
    await assertKept(all, [sweep]);
  }
  noneExited();
});

test('13: a claim whose response is lost expires, and the run is trained by the next attempt', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 2 }));
  const lost = postgres.proxy.loseAnswer(`UPDATE run SET state = 'running', attempt`);
  worker.start();
  await lost;
  await all.finished();
  assert.deepEqual(await causesOf(all, sweep), [['lost', 'completed']]);
  await assertKept(all, [sweep]);
});

test('13: connections that are silent for longer than the lease cost no attempt, since new ones work', {
  skip: !LONG && 'a write waits a minute for its response: npm run test:faults',
}, async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 2, epochs: 12 }));
  worker.start();
  await training(sweep);
  // Open connections never carry a response again; new ones work.
  postgres.proxy.deafen();
  await all.finished();
  assert.deepEqual(await causesOf(all, sweep), [['completed'], ['completed']]);
  await assertKept(all, [sweep]);
});

test('13: a slow network and silent connections cost only time', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 4 }));
  worker.start();
  await training(sweep);
  postgres.proxy.slow({ delayMs: 100, bytesPerSecond: 20_000 });
  await sleep(1_500);
  postgres.proxy.heal();
  postgres.proxy.silence();
  await sleep(2_000);
  postgres.proxy.heal();
  await all.finished();
  await assertKept(all, [sweep]);
  noneExited();
});
