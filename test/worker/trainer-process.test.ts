import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { EngineVariables } from '@ablate/engine/env';
import { TEST_HOME } from '@ablate/harness/environment';
import { TrainerVariables } from '@ablate/training/env';
import { pino } from 'pino';
import { explainExit } from '../../apps/worker/src/trainer-exit.ts';
import { startTrainer, trainerEnvironment } from '../../apps/worker/src/trainer-process.ts';

const log = pino({ level: 'silent' });
const env = {
  ...process.env,
  ABLATE_HOME: TEST_HOME,
  ABLATE_DEVICE: 'cpu',
  DATABASE_URL: 'postgresql://secret',
  ABLATE_READER_URL: 'postgresql://secret',
  REDIS_URL: 'redis://secret',
  PGPASSWORD: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

test('a trainer inherits no credentials of database, queue or store', async (t) => {
  const given = trainerEnvironment(env);
  assert.equal(given.ABLATE_HOME, TEST_HOME);
  assert.doesNotMatch(JSON.stringify(given), /secret/);
  const trainer = await startTrainer({ env, log });
  t.after(() => {
    trainer.kill();
    return trainer.exited;
  });
  if (process.platform === 'linux')
    assert.doesNotMatch(await readFile(`/proc/${trainer.pid}/environ`, 'utf8'), /secret|DATABASE_URL|REDIS_URL/);
});

test('every variable of the schemas of trainer and engine reaches a trainer', () => {
  const names = [...Object.keys(TrainerVariables.shape), ...Object.keys(EngineVariables.shape)];
  assert.ok(names.includes('ABLATE_DATA_MIB') && names.includes('ABLATE_XLA'));
  assert.deepEqual(Object.keys(trainerEnvironment(Object.fromEntries(names.map((name) => [name, '1'])))).sort(), [
    ...new Set(names.sort()),
  ]);
});

test('a trainer that cannot start reports the reason', async () => {
  const broken = startTrainer({ env: { ...env, ABLATE_CHECKPOINT_SECONDS: 'often' }, log });
  await assert.rejects(broken, /ABLATE_CHECKPOINT_SECONDS/);
});

test('out of memory is distinguished from other exits', async () => {
  const source = 'const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length))';
  const child = fork('-e', [source], {
    execArgv: ['--max-old-space-size=32'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const [code, signal] = await once(child, 'close');
  assert.equal(
    explainExit({ code, signal, stderr, oomKills: 0, peakBytes: 32 * 2 ** 20 }).cause,
    'out_of_memory',
    stderr,
  );

  const exit = { code: null, signal: 'SIGKILL', stderr: '', peakBytes: 3 * 2 ** 30 } as const;
  const killed = explainExit({ ...exit, oomKills: 1 });
  assert.deepEqual([killed.cause, /had used 3,072 MiB/.test(killed.message)], ['out_of_memory', true]);
  assert.equal(explainExit({ ...exit, oomKills: 0 }).cause, 'lost');
});

test('a trainer above its memory limit is killed as out of memory, and the message has its peak', async () => {
  const start = startTrainer({ env, log, memory: 2 ** 26 });
  await assert.rejects(
    start,
    /during start-up, the trainer was killed at the limit of 64 MiB \(ABLATE_MEMORY_MIB\); it had used [\d,]+ MiB/,
  );
  const exit = { code: null, signal: 'SIGKILL', stderr: '', oomKills: 0, peakBytes: 2 ** 30 } as const;
  assert.deepEqual(explainExit({ ...exit, overLimit: 2 ** 29 }).cause, 'out_of_memory');
  assert.equal(explainExit(exit).cause, 'lost');
  assert.match(explainExit({ ...exit, oomKills: 1 }).message, /it had used 1,024 MiB/);
});
