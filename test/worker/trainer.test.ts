import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrainerEvent } from '@ablate/contracts';
import { Diverged } from '@ablate/training';
import { pino } from 'pino';
import { causeOf } from '../../apps/trainer/src/cause-of.ts';
import { residentBytes } from '../../apps/worker/src/resident-memory.ts';
import { explainExit } from '../../apps/worker/src/trainer-exit.ts';
import { createTrainerPool } from '../../apps/worker/src/trainer-pool.ts';
import { startTrainer, trainerEnvironment } from '../../apps/worker/src/trainer-process.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { TEST_HOME } from './service.ts';
import { tinyCommand, tinyConfig } from './tiny.ts';

const log = pino({ level: 'silent' });
const folder = temporaryFolder();
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

async function all(events: AsyncIterable<TrainerEvent>): Promise<TrainerEvent[]> {
  const list: TrainerEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

test('a trainer is given nothing that could open the database or the queue', async (t) => {
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

test('a warm trainer trains run after run without growing, and one that grew past its limit is not used again', async (t) => {
  const pool = createTrainerPool({ env, log, idle: 1, limit: 2 ** 40 });
  t.after(() => pool.close());
  const config = tinyConfig({ epochs: 1 });
  const resident: number[] = [];
  const pids = new Set<number>();
  for (let run = 0; run < 6; run++) {
    const trainer = await pool.borrow();
    const events = await all(trainer.train(tinyCommand(join(folder.path, `warm-${run}`), { config, seed: run })));
    assert.equal(events.at(-1)?.type, 'finished', JSON.stringify(events.at(-1)));
    pids.add(trainer.pid);
    resident.push((await residentBytes(trainer.pid)) ?? 0);
    await pool.giveBack(trainer, true);
  }
  assert.equal(pids.size, 1);
  const grown = (resident[5]! - resident[2]!) / 2 ** 20;
  assert.ok(grown < 64, `grew by ${grown.toFixed(0)} MiB in three runs: ${resident}`);

  const strict = createTrainerPool({ env, log, idle: 1, limit: 1 });
  t.after(() => strict.close());
  const trainer = await strict.borrow();
  await strict.giveBack(trainer, true);
  assert.equal(trainer.alive, false);
});

test('a trainer that cannot start says why', async () => {
  const broken = startTrainer({ env: { ...env, ABLATE_CHECKPOINT_SECONDS: 'often' }, log });
  await assert.rejects(broken, /ABLATE_CHECKPOINT_SECONDS/);
});

test('out of memory is told from other deaths', async () => {
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

test('errors are told apart by whether the same would happen again', () => {
  // TensorFlow's own words; to have it say them takes ten seconds, in which it hopes for memory.
  const words =
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1073741824,16777216] and type float';
  const { cause, message } = causeOf(new Error(words));
  assert.deepEqual([cause, /had used [\d,]+ MiB$/.test(message)], ['out_of_memory', true]);
  assert.equal(causeOf(new Diverged('nan')).cause, 'diverged');
  assert.equal(causeOf(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })).cause, 'lost');
  assert.equal(causeOf(new Error('model.imageSize')).cause, 'user_error');
});
