/** Faults 9 and 11: the disk is full, or returns other bytes than were written. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@ablate/db';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { createSimulatedLearner } from '@ablate/harness/simulated/learner';
import { tinySpec } from '@ablate/harness/specs';
import { temporaryFolder } from '@ablate/harness/temporary';
import { countedRandom, randomKey } from '@ablate/random';
import { localContext, retryRun } from '@ablate/sweeps';
import { newTrainingState, restoreNewest, saveCheckpoint } from '@ablate/training';
import { tinyCommand } from '../support/tiny.ts';
import { assertKept } from './promises.ts';
import { LONG, SEED } from './settings.ts';

const all = await install({
  workers: 1,
  // Checkpoints at the end of each epoch only, so that their names are known.
  env: { ...simulatedTrainer({ seconds: 1.5 }), ABLATE_CHECKPOINT_SECONDS: '3600', ABLATE_SIMULATED_KIB: '64' },
});
const worker = all.workers[0]!;
mkdirSync(all.checkpoints, { recursive: true });
/** Whether checkpoints are on a small file system of their own; mounting one needs root on Linux. */
const small = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', all.checkpoints]).status === 0;
after(async () => {
  await worker.end('SIGKILL');
  if (small) spawnSync('umount', ['--lazy', all.checkpoints]);
  await all.close();
});
const ballast = join(all.checkpoints, 'ballast');
afterEach(async () => {
  await worker.end('SIGKILL');
  await rm(ballast, { force: true });
});

type Saved = { run: string; file: string; kind: string; step: number };
/** The checkpoints of the sweep's one run, once it has one of the second epoch. */
async function saved(sweep: string): Promise<Saved[]> {
  const text = `SELECT run.id AS run, file, kind::text, step FROM checkpoint JOIN run ON run.id = run_id WHERE sweep_id = $1`;
  await all.until('two epochs are saved', `${text} AND kind = 'last' AND step >= 18`, [sweep]);
  return all.rows<Saved>(text, [sweep]);
}
const losses = (sweep: string) =>
  all.rows<{ message: string }>(
    `SELECT attempt.message FROM attempt JOIN run ON run.id = run_id WHERE sweep_id = $1 AND attempt.cause = 'lost'`,
    [sweep],
  );

test('9: on a full disk attempts are lost with ENOSPC, and earlier checkpoints stay complete', {
  skip: !small && 'mounting a file system is not permitted; the next test has the kernel refuse writes to one file',
}, async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 8 }));
  worker.start();
  const [one] = await saved(sweep);
  let run: { state: string; cause: string; message: string } | undefined;
  // Repeatedly: an attempt that ends frees the space of its partial file.
  for (
    const deadline = performance.now() + 60_000;
    run?.state !== 'failed' && performance.now() < deadline;
    await sleep(20)
  ) {
    const full = await appendFile(ballast, Buffer.alloc(8 * 2 ** 20)).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    assert.equal(full, 'ENOSPC');
    [run] = await all.rows('SELECT state, cause, message FROM run WHERE sweep_id = $1', [sweep]);
  }
  assert.equal(run?.cause, 'lost');
  assert.match(run?.message ?? '', /ENOSPC/);
  const files = await readdir(join(all.checkpoints, one!.run));
  assert.deepEqual(
    files.filter((file) => file.endsWith('.partial')),
    [],
  );

  await rm(ballast);
  const db = openDatabase({ url: all.postgres.url(), max: 1 });
  await retryRun(localContext(db), one!.run);
  await db.close();
  await all.finished();
  const attempts = await all.rows<{ resumed_from: number }>(
    'SELECT resumed_from FROM attempt WHERE run_id = $1 ORDER BY number',
    [one!.run],
  );
  assert.ok(attempts.at(-1)!.resumed_from >= 18, 'resumed from an older step than was saved before the disk was full');
  await assertKept(all, [sweep]);
});

test('9: an attempt whose write fails with ENOSPC is lost, and the next attempt succeeds', async () => {
  const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, firstSeed: 2 }));
  const [run] = await all.rows<{ id: string }>('SELECT id FROM run WHERE sweep_id = $1', [sweep]);
  const folder = join(all.checkpoints, run!.id);
  await mkdir(folder, { recursive: true });
  // The first attempt writes this file into the device that is always full.
  await symlink('/dev/full', join(folder, 'last-1-18.safetensors.partial'));
  worker.start();
  await all.finished();
  assert.match((await losses(sweep)).map(({ message }) => message).join(), /ENOSPC/);
  await assertKept(all, [sweep]);
});

const DAMAGES: Record<string, (file: string, other: string) => Promise<void>> = {
  'a bit was flipped in it': async (file) => {
    const bytes = await readFile(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
    await writeFile(file, bytes);
  },
  'it was cut short': (file) => truncate(file, 100),
  'it is missing': (file) => rm(file),
  'it has the bytes of another checkpoint': (file, other) => copyFile(other, file),
};
for (const [damage, harm] of Object.entries(DAMAGES))
  test(`11: the last checkpoint is refused when ${damage}, and the results are the same`, async () => {
    let firstSeed = 3;
    /** A sweep whose worker was killed after its second epoch; null if it had ended, or was killed between the two files of an epoch. */
    const interrupted = async () => {
      const sweep = await all.queue(tinySpec({ configs: 1, seeds: 1, epochs: 6, firstSeed: firstSeed++ }));
      worker.start();
      await saved(sweep);
      await worker.end('SIGKILL');
      const files = await saved(sweep);
      const [last, best] = ['last', 'best'].map((kind) => files.find((file) => file.kind === kind));
      const [run] = await all.rows<{ state: string }>('SELECT state FROM run WHERE sweep_id = $1', [sweep]);
      return last && best && last.step >= best.step && run?.state !== 'succeeded' ? { sweep, last, best } : null;
    };
    let found = await interrupted();
    for (let tries = 1; found === null && tries < 10; tries++) found = await interrupted();
    assert.ok(found, 'no worker was killed between two epochs');
    const { sweep, last, best } = found;
    await harm(join(all.checkpoints, last.run, last.file), join(all.checkpoints, best.run, best.file));
    worker.start();
    await all.finished();
    // Not always the second attempt: on a busy machine the first may be lost before its worker is killed.
    const attempts = await all.rows<{ number: number; cause: string; notes: string[]; resumed_from: number | null }>(
      'SELECT number, cause::text, notes, resumed_from FROM attempt WHERE run_id = $1 ORDER BY number',
      [last.run],
    );
    const refused = attempts.filter(({ notes }) =>
      notes.join().includes(`last checkpoint of step ${last.step} refused`),
    );
    assert.deepEqual(
      refused.map(({ resumed_from }) => resumed_from),
      [best.step],
      JSON.stringify({ last, best, attempts }),
    );
    await assertKept(all, [sweep]);
  });

test(`11: a checkpoint with random damage is refused with a note, and the learner unchanged (seed ${SEED})`, async () => {
  const folder = temporaryFolder();
  const command = tinyCommand(folder.path);
  const identity = { config: command.config, seed: command.seed, datasetHash: 'simulated' };
  const learner = createSimulatedLearner(command.config, command.seed);
  learner.train(0);
  const before = JSON.stringify([...learner.state()]);
  const file = await saveCheckpoint(command, 'last', {
    learner,
    identity,
    state: { ...newTrainingState(), step: 1 },
    preprocessing: null,
  });
  const path = join(folder.path, file.file);
  const good = await readFile(path);
  const random = countedRandom(randomKey(SEED, 'damage'));
  for (let i = 0; i < (LONG ? 1_000 : 200); i++) {
    const bytes = Buffer.from(good);
    const way = random.integer(3);
    if (way === 0) bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8);
    if (way === 1) bytes.fill(random.integer(256), random.integer(bytes.length));
    const damaged = way === 2 ? bytes.subarray(0, random.integer(bytes.length)) : bytes;
    if (damaged.equals(good)) continue;
    await writeFile(path, damaged);
    const restored = await restoreNewest({ ...command, resume: [file] }, { learner, identity });
    assert.deepEqual([restored.resumedFrom, restored.notes.length], [null, 1]);
    assert.equal(JSON.stringify([...learner.state()]), before, 'a refused checkpoint changed the learner');
  }
  await writeFile(path, good);
  assert.equal((await restoreNewest({ ...command, resume: [file] }, { learner, identity })).resumedFrom, 1);
  folder.remove();
});
