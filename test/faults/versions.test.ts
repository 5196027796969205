/** Fault 17: the next version migrates the database while this version runs. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { assertKept, causesOf } from './promises.ts';

/** A migration that only expands: it adds columns and indexes, and removes nothing. */
const EXPAND = ['sweep', 'config', 'run', 'attempt', 'metric', 'checkpoint', 'outbox'].flatMap((table) => [
  `ALTER TABLE ${table} ADD COLUMN of_the_future integer NOT NULL DEFAULT 1`,
  `CREATE INDEX ON ${table} (of_the_future)`,
]);

const all = await install({ workers: 1, env: simulatedTrainer({ seconds: 1 }) });
after(() => all.close());

test('17: API and worker continue while the next version’s migration is applied, and after it', async () => {
  const [worker] = all.workers;
  all.api.start();
  worker!.start();
  await all.ready();
  const before = await all.submit(tinySpec({ configs: 1, seeds: 3 }), 'before');
  await all.until('a run trains', `SELECT id FROM run WHERE state = 'running' AND progress IS NOT NULL`);
  for (const statement of [
    ...EXPAND,
    'CREATE TABLE of_the_future (id integer)',
    `ALTER TYPE cause ADD VALUE 'of_the_future'`,
  ])
    await all.rows(statement);
  const after = await all.submit(tinySpec({ configs: 1, seeds: 2 }), 'after');
  await all.finished();
  await assertKept(all, [before.id, after.id]);
  const causes = [...(await causesOf(all, before.id)), ...(await causesOf(all, after.id))];
  assert.deepEqual(causes, Array(5).fill(['completed']));
  const runs = await fetch(`${all.origin}/api/v1/sweeps/${before.id}/runs`);
  assert.equal(runs.status, 200);
});
