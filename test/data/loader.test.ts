import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { AugmentOp } from '@ablate/contracts';
import { type Batch, openLoader, openRing, type Pixels, ringMemory, startThreads } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';

const SIZE = 8;
const BYTES = SIZE * SIZE * 3;
const COUNT = 60;
const EPOCHS = 3;
const images = Uint8Array.from({ length: COUNT * BYTES }, (_, i) => (i * 7919) % 251);
const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 3);
const augment: AugmentOp[] = [
  { op: 'crop', padding: 2, fill: 'zero', p: 1 },
  { op: 'flip', p: 0.5 },
  { op: 'mixup', alpha: 0.8, p: 0.5 },
  { op: 'cutmix', alpha: 1, p: 0.5 },
];

const open = (threads: number, pixels: Pixels = images) =>
  openLoader(
    {
      imageSize: SIZE,
      mean: [0.4, 0.5, 0.6],
      std: [0.2, 0.3, 0.4],
      classes: ['a', 'b', 'c'],
      train: { images: pixels, labels, count: COUNT },
    },
    { indices: Int32Array.from({ length: 53 }, (_, i) => i), batchSize: 10, augment, seed: 5 },
    { threads, epochs: EPOCHS },
  );
const hash = ({ images, labels, targets }: Batch): string => {
  const digest = createHash('sha256');
  for (const part of [images, labels, targets])
    if (part) digest.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return digest.digest('hex');
};

/** Hashes of all batches from one on. */
async function all(threads: number, pixels?: Pixels, [epoch, number] = [0, 0]): Promise<string[]> {
  const loader = open(threads, pixels);
  const found: string[] = [];
  try {
    for (let n = epoch * loader.perEpoch + number; n < EPOCHS * loader.perEpoch; n++)
      found.push(hash(await loader.batch(Math.floor(n / loader.perEpoch), n % loader.perEpoch)));
  } finally {
    await loader.close();
  }
  return found;
}

const alone = all(0);

test('the same spec gives the same bytes, on every machine', async () => {
  const digest = createHash('sha256');
  for (const one of await alone) digest.update(one);
  assert.equal(digest.digest('hex'), 'b8175963133c86c1e127c6f4567c6acda79bc5fc2642f08c2d93691eed5c4d61');
});

for (const threads of [1, 3])
  test(`${threads} threads make the same bytes as none, from memory and from a file`, async () => {
    const { path } = temporaryFolder();
    const file = join(path, 'images.bin');
    await writeFile(file, images);
    assert.equal(new Set(await alone).size, 15);
    assert.deepEqual(await all(threads), await alone);
    assert.deepEqual(await all(threads, { file, offset: 0 }), await alone);
  });

test('a loader that starts in mid-epoch continues with the same batches', async () => {
  assert.deepEqual(await all(2, images, [1, 3]), (await alone).slice(8));
});

test('a batch is not overwritten before the next one is requested', async () => {
  const loader = open(2);
  const first = await loader.batch(0, 0);
  await wait(1500); // long enough for threads to start and to fill the ring
  assert.equal(hash(first), (await alone)[0]);
  for (let number = 1; number < loader.perEpoch; number++)
    assert.equal(hash(await loader.batch(0, number)), (await alone)[number]);
  await loader.close();
});

test('the failure of one thread fails the loader', async (t) => {
  const { path } = temporaryFolder();
  const file = join(path, 'images.bin');
  await writeFile(file, images);
  const loader = open(1, { file, offset: 0 });
  t.after(() => loader.close());
  await loader.batch(0, 0);
  await rm(file); // a thread opens it at its start; this process has opened it already
  const rest = async () => {
    for (let n = 1; n < EPOCHS * loader.perEpoch; n++) {
      await wait(300);
      await loader.batch(Math.floor(n / loader.perEpoch), n % loader.perEpoch);
    }
  };
  await assert.rejects(rest, /a batch thread failed: .*images\.bin/);
});

test('a thread that exits rejects the pending batch', async () => {
  const ring = openRing(ringMemory({ images: 1, labels: 1, targets: 0 }, 2));
  ring.start(0, 8);
  const threads = startThreads(2, { module: new URL('dying-task.ts', import.meta.url), input: {} }, ring);
  await assert.rejects(threads.made(0), /a batch thread failed: worker exited with code: 3/);
  await threads.ended;
  assert.throws(() => threads.check(), /a batch thread failed/);
});

test('batches out of order, out of range or from a closed loader are refused', async () => {
  const loader = open(1);
  await loader.batch(1, 2);
  await assert.rejects(loader.batch(1, 2), /batch 7 requested after batch 7/);
  await assert.rejects(loader.batch(1, 4), /batch 9 requested after batch 7/);
  await assert.rejects(loader.batch(1, 5), RangeError);
  await assert.rejects(loader.batch(EPOCHS, 0), RangeError);
  await loader.close();
  await assert.rejects(loader.batch(1, 3), /closed/);
});

test('a batch is claimed only once its slot is free, and never after the end', () => {
  const ring = openRing(ringMemory({ images: 1, labels: 1, targets: 0 }, 3));
  ring.start(4, 8);
  assert.deepEqual([ring.claimNext(), ring.claimNext(), ring.claimNext()], [4, 5, 6]);
  assert.equal(ring.claim(4), false);
  ring.use(5); // frees the slot of 4 for 7
  assert.equal(ring.slot(7), ring.slot(4));
  assert.deepEqual([ring.claimNext(), ring.claimNext()], [7, null]);
  ring.finish(7);
  assert.deepEqual([4, 7].map(ring.isMade), [false, true]);
  ring.close();
  assert.equal(ring.claimNext(), null);
});
