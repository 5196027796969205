import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AUGMENT_SETS, AugmentOp, augmentOps } from '@ablate/contracts';
import { augmenter } from '@ablate/data';

const SIZE = 32;
const dataset = { size: SIZE, mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] } as const;
const images = Array.from({ length: 12 }, (_, image) =>
  Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, at) => (at * (image + 3) + (at >> 5) * 17 + (at % 3) * 60) & 255),
);
const SETS = [
  ...Object.keys(AUGMENT_SETS),
  'rand-m9-n2-mstd0.5-inc1',
  'augmix-m3-w3',
  'original',
  'v0r',
  '3a',
  'rand-m7-tweights',
  '--scale 0.1 1 --hflip 0.5 --color-jitter 0.4 --reprob 0.5',
];

function hashOf(text: string, { seed = 1, order = images.map((_, index) => index) } = {}): string {
  const augment = augmenter(augmentOps(text), { ...dataset, seed });
  const made = new Map(order.map((index) => [index, Buffer.from(augment(images[index]!, 3, index))]));
  const hash = createHash('sha256');
  for (const index of images.keys()) hash.update(made.get(index) ?? '');
  return hash.digest('hex');
}

test('the same bytes in any order and in another process', async () => {
  const here = Object.fromEntries(SETS.map((set) => [set, hashOf(set)]));
  for (const set of SETS) assert.equal(hashOf(set, { order: [...images.keys()].reverse() }), here[set], set);
  const child = fileURLToPath(new URL('augment-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child, JSON.stringify(SETS)]);
  assert.deepEqual(JSON.parse(stdout), here);
});

test('a different seed gives different draws, and every set except `none` changes images', () => {
  const none = hashOf('none');
  for (const set of SETS.slice(1)) {
    assert.notEqual(hashOf(set), none, set);
    assert.notEqual(hashOf(set, { seed: 2 }), hashOf(set), set);
  }
});

test('every operation leaves its input unchanged and overwrites its whole output', () => {
  const mix = ['normalise', 'mixup', 'cutmix'];
  for (const { shape } of AugmentOp.options) {
    const name = shape.op.value;
    if (mix.includes(name)) continue;
    const op = AugmentOp.parse({ op: name, p: 1 });
    const before = images.map((image) => Buffer.from(image));
    const run = () => {
      const augment = augmenter([op], { ...dataset, seed: 1 });
      return images.map((image, index) => Buffer.from(augment(image, 0, index)));
    };
    const first = run();
    // Again, with used buffers: leftovers would show.
    const augment = augmenter([op], { ...dataset, seed: 1 });
    for (const [index, image] of images.entries()) augment(image, 99, index);
    assert.deepEqual(
      images.map((image, index) => Buffer.from(augment(image, 0, index))),
      first,
      name,
    );
    for (const [index, image] of images.entries()) assert.equal(before[index]?.compare(image), 0, name);
  }
});

test('an operation’s draws do not depend on other operations in the list', () => {
  const alone = augmenter(augmentOps('flip'), { ...dataset, seed: 5 });
  const among = augmenter(
    augmentOps([
      { op: 'invert', p: 0 },
      { op: 'flip', p: 0.5 },
    ]),
    { ...dataset, seed: 5 },
  );
  for (const [index, image] of images.entries())
    assert.deepEqual(Buffer.from(among(image, 1, index)), Buffer.from(alone(image, 1, index)));
});

test('a probability is the share of the images that change', () => {
  const augment = augmenter([{ op: 'invert', p: 0.3 }], { ...dataset, seed: 1 });
  const image = images[0]!;
  let changed = 0;
  for (let epoch = 0; epoch < 2000; epoch++) if (augment(image, epoch, 0) !== image) changed++;
  assert.ok(Math.abs(changed - 600) < 123, `${changed} of 2000`); // six standard deviations
});

test('a resized crop accepts an image of any shape; without it, a wrong shape is refused', () => {
  const wide = { width: 50, height: 40 };
  const pixels = new Uint8Array(50 * 40 * 3).fill(9);
  const crop = augmenter(augmentOps('--scale 0.2 1 --hflip 0.5'), { ...dataset, seed: 1 });
  assert.deepEqual(Buffer.from(crop(pixels, 0, 0, wide)), Buffer.alloc(SIZE * SIZE * 3, 9));
  const flip = augmenter(augmentOps('flip'), { ...dataset, seed: 1 });
  assert.throws(() => flip(pixels, 0, 0, wide), /50 × 40 must be resized to 32 × 32/);
});

test('erasing writes boxes of the requested area and colour', () => {
  const op = AugmentOp.parse({ op: 'erase', p: 1, scale: [0.1, 0.2], fill: 'mean' });
  const augment = augmenter([op], { ...dataset, seed: 1 });
  const image = new Uint8Array(SIZE * SIZE * 3).fill(255);
  for (let epoch = 0; epoch < 50; epoch++) {
    const out = augment(image, epoch, 0);
    let erased = 0;
    for (let at = 0; at < out.length; at += 3)
      if (out[at] === 125 && out[at + 1] === 122 && out[at + 2] === 115) erased++;
    assert.ok(erased >= 0.07 * SIZE * SIZE && erased <= 0.24 * SIZE * SIZE, `${erased} pixels`);
  }
});

test('AugMix keeps white white and black black', () => {
  const augment = augmenter([AugmentOp.parse({ op: 'augmix', severity: 1 })], { ...dataset, seed: 1 });
  const black = new Uint8Array(SIZE * SIZE * 3);
  for (let epoch = 0; epoch < 20; epoch++) {
    const out = augment(black, epoch, 0);
    assert.ok(
      out.every((value, at) => value === out[at % 3]),
      'one colour in, one colour out',
    );
  }
});
