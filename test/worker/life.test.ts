import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { listGpus, slotEnvironment } from '../../apps/worker/src/gpus.ts';
import { isPreempted } from '../../apps/worker/src/preemption.ts';
import { explainExit } from '../../apps/worker/src/trainer-exit.ts';
import { createTrainerPool } from '../../apps/worker/src/trainer-pool.ts';
import { startTrainer, type Trainer } from '../../apps/worker/src/trainer-process.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { service, TEST_HOME } from './service.ts';
import { tinyConfig } from './tiny.ts';

test('a spot machine’s notice: the worker saves, hands its run back without penalty, and is gone', async (t) => {
  const folder = temporaryFolder();
  const notice = join(folder.path, 'notice');
  const { submit, worker, row, until } = await service(t);
  await submit([tinyConfig({ epochs: 1000 }, 1600)]);
  const spot = worker({ ABLATE_PREEMPTION: notice, ABLATE_PREEMPTION_SECONDS: '0.1' });
  await until('it trains', `SELECT id FROM checkpoint WHERE kind = 'last'`);
  writeFileSync(notice, '');
  assert.equal(await spot.exited, 0);
  const run = await row<{ state: string; losses: number }>('SELECT state, losses FROM run');
  assert.deepEqual(run, { state: 'queued', losses: 0 });
  const attempt = await row<{ cause: string; step: number }>(
    `SELECT attempt.cause, (SELECT max(step) FROM checkpoint) AS step, message FROM attempt`,
  );
  assert.equal(attempt?.cause, 'preempted');
  // What it stopped at is what it saved.
  assert.match(JSON.stringify(attempt), new RegExp(`at step ${attempt?.step} of`));
});

test('a trainer that takes more than its memory is ended as out of memory, with how much it was', async () => {
  const env = { ...process.env, ABLATE_HOME: TEST_HOME, ABLATE_DEVICE: 'cpu' };
  const start = startTrainer({ env, log: pino({ level: 'silent' }), memory: 2 ** 26 });
  await assert.rejects(
    start,
    /while it started, the trainer was ended at the 64 MiB that ABLATE_MEMORY_MIB allows; it had used [\d,]+ MiB/,
  );
  const exit = { code: null, signal: 'SIGKILL', stderr: '', oomKills: 0, peakBytes: 2 ** 30 } as const;
  assert.deepEqual(explainExit({ ...exit, overLimit: 2 ** 29 }).cause, 'out_of_memory');
  assert.equal(explainExit(exit).cause, 'lost');
  assert.match(explainExit({ ...exit, oomKills: 1 }).message, /it had used 1,024 MiB/);
});

test('a notice is a file, or an address that answers with something', async (t) => {
  const answers: Record<string, [number, string]> = {
    '/none': [404, ''],
    '/no': [200, 'FALSE'],
    '/yes': [200, 'TRUE'],
  };
  const server = createServer((request, response) => {
    const aws = request.url?.startsWith('/latest/');
    if (aws && request.method === 'PUT') return response.end('a token');
    if (aws) return response.writeHead(request.headers['x-aws-ec2-metadata-token'] === 'a token' ? 200 : 401).end('{}');
    const [status, text] = answers[request.url ?? ''] ?? [500, ''];
    response.writeHead(status).end(text);
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = (path: string) => isPreempted(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  assert.deepEqual(
    await Promise.all([at('/none'), at('/no'), at('/yes'), at('/latest/meta-data/spot/instance-action')]),
    [false, false, true, true],
  );
  await assert.rejects(at('/broken'), /answers 500/);
  assert.equal(await isPreempted('/nowhere/at/all'), false);
});

const shares: [string | undefined, number, (string | undefined)[]][] = [
  ['0,1', 2, ['0', '1']],
  ['GPU-a, GPU-b', 3, ['GPU-a', 'GPU-b', 'GPU-a']],
  ['3', 2, ['3', '3']],
  ['', 2, ['', '']],
];
for (const [visible, slots, expected] of shares)
  test(`CUDA_VISIBLE_DEVICES=${visible} over ${slots} slots: ${JSON.stringify(expected)}`, async () => {
    const env = { CUDA_VISIBLE_DEVICES: visible };
    const gpus = await listGpus(env);
    assert.deepEqual(
      Array.from({ length: slots }, (_, slot) => slotEnvironment(env, slot, gpus).CUDA_VISIBLE_DEVICES),
      expected,
    );
  });

test('each slot’s trainer sees one GPU, and the next in its slot sees the same', async (t) => {
  const entry = join(import.meta.dirname, '../support/simulated/trainer.ts');
  const log = pino({ level: 'silent' });
  const pool = createTrainerPool({ env: process.env, log, entry, idle: 0, limit: 2 ** 40, gpus: ['GPU-a', 'GPU-b'] });
  const borrowed: Trainer[] = [];
  t.after(() => Promise.all(borrowed.map((trainer) => pool.giveBack(trainer, false))));
  const seen = async () => {
    const trainer = await pool.borrow();
    borrowed.push(trainer);
    return /CUDA_VISIBLE_DEVICES=([^\0]*)/.exec(readFileSync(`/proc/${trainer.pid}/environ`, 'utf8'))?.[1];
  };
  assert.deepEqual([await seen(), await seen()], ['GPU-a', 'GPU-b']);
  await pool.giveBack(borrowed[0]!, true);
  assert.equal(await seen(), 'GPU-a');
});
