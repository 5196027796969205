/** Fault 12: the clocks of workers are wrong, and jump. Leases, ages and order follow the database's clock. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '@ablate/files';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { assertKept, causesOf } from './promises.ts';

const CLOCK = pathToFileURL(join(REPOSITORY, 'test/faults/wrong-clock.mjs')).href;
let hours = 0;
const env = simulatedTrainer({ seconds: 1 });
const all = await install({
  workers: 2,
  env: {
    ...env,
    // The preloaded module changes the worker's clock; trainers do not inherit NODE_OPTIONS.
    get NODE_OPTIONS() {
      return `--import=${CLOCK}?hours=${hours}`;
    },
  },
});
after(() => all.close());
const [first, second] = [all.workers[0]!, all.workers[1]!];
afterEach(() => Promise.all([first.end('SIGKILL'), second.end('SIGKILL')]));

test('12: workers whose clocks differ by two hours, and jump, take no run from each other', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 6 }));
  hours = 1;
  first.start();
  hours = -1;
  second.start();
  await all.finished();
  await assertKept(all, [sweep]);
  assert.deepEqual(await causesOf(all, sweep), Array(6).fill(['completed']));
  for (const { log } of [first, second]) assert.match(log(), /the clock is wrong/);
});

test('12: a worker whose clock is an hour ahead takes over from a dead one when the lease expires', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1 }));
  hours = -1;
  first.start();
  await all.until('the run trains', `SELECT id FROM run WHERE state = 'running' AND progress IS NOT NULL`);
  hours = 1;
  second.start();
  await first.end('SIGKILL');
  await all.finished();
  assert.deepEqual(await causesOf(all, sweep), [['lost', 'completed']]);
  const [{ lease } = { lease: 0 }] = await all.rows<{ lease: number }>(
    `SELECT extract(epoch FROM ended_at - heartbeat)::float8 AS lease FROM (
       SELECT ended_at, (SELECT started_at FROM attempt WHERE number = 1 AND run_id = run.id) AS heartbeat
       FROM attempt JOIN run ON run.id = run_id WHERE run.sweep_id = $1 AND number = 1) AS one`,
    [sweep],
  );
  assert.ok(lease >= 3 && lease < 60, `the attempt was taken back after ${lease} s`);
  await assertKept(all, [sweep]);
});
