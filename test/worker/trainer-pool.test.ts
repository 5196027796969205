import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrainerEvent } from '@ablate/contracts';
import { TEST_HOME } from '@ablate/harness/environment';
import { SIMULATED_TRAINER } from '@ablate/harness/simulated';
import { temporaryFolder } from '@ablate/harness/temporary';
import { pino } from 'pino';
import { residentBytes } from '../../apps/worker/src/process-memory.ts';
import { createTrainerPool, listGpus, slotEnvironment } from '../../apps/worker/src/trainer-pool.ts';
import type { Trainer } from '../../apps/worker/src/trainer-process.ts';
import { tinyCommand, tinyConfig } from '../support/tiny.ts';

const log = pino({ level: 'silent' });
const folder = temporaryFolder();
const env = { ...process.env, ABLATE_HOME: TEST_HOME, ABLATE_DEVICE: 'cpu' };

async function all(events: AsyncIterable<TrainerEvent>): Promise<TrainerEvent[]> {
  const list: TrainerEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

test('a warm trainer trains several runs without growing, and one above the memory limit is not reused', async (t) => {
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
  const killed = await pool.borrow();
  killed.kill();
  await pool.giveBack(killed, true); // it may not have exited yet
  const next = await pool.borrow();
  assert.notEqual(next.pid, killed.pid);
  await pool.giveBack(next, true);
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

test('each slot’s trainer sees one GPU, and the next trainer of the slot sees the same', async (t) => {
  const pool = createTrainerPool({
    env: process.env,
    log,
    entry: SIMULATED_TRAINER,
    idle: 0,
    limit: 2 ** 40,
    gpus: ['GPU-a', 'GPU-b'],
  });
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
