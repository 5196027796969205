/** Fault 6: the API is killed while it accepts a sweep, or right after it, and while a caller drives one. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openApi, Unreachable } from '@ablate/client';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { askSpec, LOG } from '../support/searches.ts';
import { assertKept } from './promises.ts';

const all = await install({ workers: 1, env: simulatedTrainer({ seconds: 0.3 }) });
after(() => all.close());
const { api, postgres } = all;
const worker = all.workers[0]!;
afterEach(() => Promise.all([worker.end('SIGKILL'), api.end('SIGKILL')]));

test('6: an API killed right after it accepted a sweep loses nothing: a worker that starts later trains it', async () => {
  api.start();
  await all.ready();
  const sweep = await all.submit(tinySpec({ configs: 2, seeds: 2 }), 'then-killed');
  await api.end('SIGKILL');
  worker.start();
  await all.finished();
  await assertKept(all, [sweep.id]);
});

test('6: an API killed while it accepts a sweep leaves the whole sweep or none of it', async () => {
  const body = JSON.stringify(tinySpec({ configs: 10, seeds: 20, name: 'cut short' }));
  for (const statement of [
    'INSERT INTO sweep',
    'INSERT INTO config',
    'INSERT INTO run',
    'INSERT INTO outbox',
    'COMMIT',
  ]) {
    api.start();
    await all.ready();
    // The leader commits, too.
    const asked = postgres.proxy.loseAnswer(statement, statement === 'COMMIT' ? { after: 'INSERT INTO outbox' } : {});
    const answer = fetch(`${all.origin}/api/v1/sweeps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }).catch(() => undefined);
    await asked;
    await api.end('SIGKILL');
    await answer;
    postgres.proxy.heal();
  }
  const partial = await all.rows(
    `SELECT sweep.id FROM sweep WHERE name = 'cut short' AND NOT (
       (SELECT count(*) FROM config WHERE sweep_id = sweep.id) = 10 AND (SELECT count(*) FROM run WHERE sweep_id = sweep.id) = 200
       AND (SELECT count(*) FROM outbox JOIN run ON run.id = run_id WHERE run.sweep_id = sweep.id) = 200)`,
  );
  assert.deepEqual(partial, []);
  const [{ whole } = { whole: -1 }] = await all.rows<{ whole: number }>(
    `SELECT count(*)::int AS whole FROM sweep WHERE name = 'cut short'`,
  );
  assert.equal(whole, 1, 'exactly the committed sweep remains');
  await all.rows(`DELETE FROM sweep WHERE name = 'cut short'`);
});

test('6: an API killed while a caller asks and tells: each ask is one trial, and the log is that of a caller that was not disturbed', async () => {
  const { sweeps } = openApi(all.origin);
  const TRIALS = 8;
  async function insist<T>(send: () => Promise<T>): Promise<T> {
    for (;;)
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
      }
  }
  async function drive(name: string) {
    const { id } = await all.submit(askSpec({ samples: TRIALS }), name);
    for (let n = 0; n < TRIALS; n++) {
      const { trial } = await insist(() => sweeps.ask(id, { train: false }, `ask-${n}`));
      await insist(() => sweeps.tell(id, trial, Math.sin(n)));
    }
    await insist(() => sweeps.finish(id));
    return { id, log: await all.rows(LOG, [id]) };
  }
  api.start();
  await all.ready();
  const undisturbed = await drive('undisturbed');
  const driven = drive('disturbed');
  const written = 'INSERT INTO ask_key';
  for (const [statement, options] of [['INSERT INTO decision'], [written], ['COMMIT', { after: written }]] as const) {
    await postgres.proxy.loseAnswer(statement, options);
    await api.end('SIGKILL');
    postgres.proxy.heal();
    api.start();
  }
  await all.ready();
  await sleep(100 * Math.random());
  await api.end('SIGKILL');
  api.start();
  const disturbed = await driven;
  assert.deepEqual(disturbed.log, undisturbed.log);
  const keys = await all.rows('SELECT key, trial FROM ask_key WHERE sweep_id = $1 ORDER BY trial', [disturbed.id]);
  assert.deepEqual(
    keys,
    Array.from({ length: TRIALS }, (_, trial) => ({ key: `ask-${trial}`, trial })),
  );
});
