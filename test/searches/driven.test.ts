/** Sweeps that a caller drives by ask and tell. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openCheckpointStore } from '@ablate/checkpoints';
import { openApi } from '@ablate/client';
import { RUN_QUEUE } from '@ablate/contracts';
import { DEFAULT_RETENTION } from '@ablate/db';
import { PYTHON_ENVIRONMENT, REPOSITORY } from '@ablate/files';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { buildApp } from '../../apps/api/src/app.ts';
import { service } from '../support/service.ts';

/** A service with simulated trainers, or without a worker, and the address of its API. `another` starts another API. */
async function driven(t: TestContext, { workers = 1 } = {}) {
  const installed = await service(t);
  const { db, redisUrl, checkpoints, worker } = installed;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  const queue = Promise.resolve(new Queue(RUN_QUEUE, { connection: redis, skipWaitingForReady: true }));
  const store = await openCheckpointStore({ kind: 'file', folder: checkpoints }, db);
  const data = { folders: [], cache: checkpoints };
  t.after(async () => {
    await (await queue).close();
    redis.disconnect();
  });
  const another = async () => {
    const log = pino({ level: 'error' });
    const app = await buildApp({ db, redis, queue, store, keep: DEFAULT_RETENTION, data, log });
    t.after(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  };
  const address = await another();
  if (workers > 0) worker({ ...simulatedTrainer({ seconds: 0.05 }), ABLATE_SLOTS: '2' });
  return { ...installed, address, another, api: openApi(address) };
}

const { space: _, ...small } = tinySpec({ seeds: 2, epochs: 2, name: 'driven' });
const SPEC = {
  ...small,
  search: { method: 'ask', samples: 12, sampler: 'tpe' },
  space: {
    'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' },
    'model.heads': [2, 3],
    'train.ema': { values: [0.9, 0.99], when: 'model.heads == 2' },
  },
  constraints: ['!(model.heads == 3 && train.optimizer.learningRate > 0.009)'],
  budget: { runs: 6 },
};

test('a caller asks for configs, gives its own, tells what it measured, and ends the sweep', async (t) => {
  const { api, address } = await driven(t);
  const { id } = await api.sweeps.create(SPEC);
  const given = { 'train.optimizer.learningRate': 0.002, 'model.heads': 3 };

  const own = await api.sweeps.ask(id, { axes: given });
  assert.deepEqual([own.trial, own.by, own.axes, own.state, own.runs.length], [0, 'caller', given, 'waiting', 2]);
  assert.equal((await api.sweeps.ask(id, { axes: given })).trial, 0, 'the same config is the same trial');
  const measured = await api.sweeps.ask(id, { train: false });
  assert.deepEqual([measured.trial, measured.by, measured.runs], [1, 'halton', []]);
  const told = await api.sweeps.tell(id, 1, 0.75);
  assert.deepEqual([told.state, told.value], ['done', 0.75]);
  assert.deepEqual(await api.sweeps.tell(id, 1, 0.75), told, 'telling it again changes nothing');
  await assert.rejects(api.sweeps.tell(id, 1, 0.5), /trial 1 was told before: its value is 0.75/);
  await assert.rejects(api.sweeps.tell(id, 0, 0.5), /workers train trial 0/);
  await assert.rejects(api.sweeps.tell(id, 7, 0.5), /unknown trial/);

  const refused = async (axes: Record<string, unknown>) => {
    const response = await fetch(`${address}/api/v1/sweeps/${id}/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ axes }),
    });
    assert.ok(response.status >= 400 && response.status < 500, `${response.status}`);
    return JSON.stringify(await response.json());
  };
  assert.match(await refused({ ...given, 'model.depth': 2 }), /axes~?1?.*model.depth.*is no axis of the space/);
  assert.match(await refused({ ...given, 'model.heads': 5 }), /5 is not one of its values/);
  assert.match(await refused({ 'model.heads': 3 }), /learningRate.*needs a value/);
  assert.match(await refused({ ...given, 'train.ema': 0.9 }), /no such value beside the others/);
  assert.match(await refused({ ...given, 'train.optimizer.learningRate': 0.0095 }), /constraint/);

  const two = await Promise.all([api.sweeps.ask(id), api.sweeps.ask(id)]);
  assert.deepEqual(two.map(({ trial }) => trial).sort(), [2, 3], 'two callers at a time get two trials');
  await assert.rejects(api.sweeps.ask(id), /the budget of runs allows no other config/);
  for (;;) {
    const trial = await api.sweeps.trial(id, 0);
    if (trial.state === 'done') {
      const values = trial.runs.map(({ value }) => value ?? Number.NaN);
      assert.ok(Math.abs((trial.value ?? 0) - (values[0]! + values[1]!) / 2) < 1e-12);
      break;
    }
    assert.equal(trial.state, 'waiting');
    await sleep(50);
  }
  const ended = await api.sweeps.finish(id);
  assert.equal((await api.sweeps.finish(id)).id, ended.id);
  await assert.rejects(api.sweeps.ask(id), /the sweep has ended/);
  const log = [];
  for await (const row of api.sweeps.decisions(id)) log.push(row);
  assert.deepEqual(
    log
      .slice(0, 8)
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'result'),
    ['ask', 'config', 'train', 'train', 'ask', 'sampler', 'config', 'tell'],
  );
  assert.deepEqual([log.at(-2)?.kind, log.at(-1)?.kind], ['limit', 'finish']);
  const grid = await api.sweeps.create({ ...tinySpec({ configs: 1, seeds: 1 }), name: 'grid' });
  await assert.rejects(api.sweeps.ask(grid.id), /the search of this sweep is "grid"/);
});

test('an ask that is repeated with its key is one trial, also at a time, by another API and after the end', async (t) => {
  const { api, address, another, rows } = await driven(t, { workers: 0 });
  const { id } = await api.sweeps.create(SPEC);
  const other = await another();
  async function ask(at: string, key: string, body: unknown = { train: false }) {
    const response = await fetch(`${at}/api/v1/sweeps/${id}/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });
    const answer: { trial?: number; by?: string; type?: string; errors?: { detail: string }[] } = JSON.parse(
      await response.text(),
    );
    return { status: response.status, ...answer };
  }
  const first = await ask(address, 'one');
  assert.deepEqual([first.trial, first.by], [0, 'halton']);
  assert.deepEqual(await ask(address, 'one'), first);
  assert.deepEqual(await ask(other, 'one'), first);
  const atOnce = await Promise.all(
    Array.from({ length: 24 }, (_, i) => ask(i % 2 === 0 ? address : other, `of-four-${i % 4}`)),
  );
  const trials = (of: number) => new Set(atOnce.flatMap(({ trial }, i) => (i % 4 === of ? [trial] : [])));
  assert.deepEqual([0, 1, 2, 3].flatMap((of) => [...trials(of)]).sort(), [1, 2, 3, 4]);
  const changed = await ask(other, 'one', { train: true });
  assert.deepEqual([changed.status, changed.type], [422, 'urn:ablate:key_reused']);
  assert.match(changed.errors?.[0]?.detail ?? '', /trial 0 was asked for with this key and other values/);
  assert.equal((await ask(address, 'k'.repeat(256))).status, 400);
  assert.equal((await ask(address, 'two words')).status, 400);
  assert.equal((await api.sweeps.ask(id, { train: false }, 'one')).trial, 0);
  assert.equal((await api.sweeps.ask(id, { train: false })).trial, 5, 'the client gives each ask a key of its own');
  await api.sweeps.finish(id);
  assert.deepEqual(await ask(other, 'one'), first);
  assert.equal((await ask(other, 'two')).status, 409);
  assert.equal((await rows('SELECT FROM ask_key')).length, 6);
});

/** A Python with Optuna, or null. */
function optunaPython(): string | null {
  for (const python of [process.env.BENCH_PYTHON, join(PYTHON_ENVIRONMENT, 'bin/python')])
    if (python)
      try {
        execFileSync(python, ['-c', 'import optuna'], { stdio: 'ignore' });
        return python;
      } catch {
        // has no Optuna: try the next
      }
  return null;
}
const python = optunaPython();

test('Optuna drives a sweep by its own ask and tell', {
  skip: python === null && 'no Python with optuna: set BENCH_PYTHON',
}, async (t) => {
  const { address, rows } = await driven(t);
  const script = join(REPOSITORY, 'docs/how-to/drive_with_optuna.py');
  const { stdout } = await promisify(execFile)(python ?? '', [script, address, '4']);
  const { sweep, best, trials } = JSON.parse(stdout);
  assert.equal(trials, 4);
  const trained = await rows<{ value: number }>(
    'SELECT val_accuracy AS value FROM reporting.runs WHERE sweep_id = $1 AND state = $2',
    [sweep, 'succeeded'],
  );
  assert.equal(Math.max(...trained.map(({ value }) => value)), best);
});
