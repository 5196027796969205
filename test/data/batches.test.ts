import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AugmentOp } from '@ablate/contracts';
import {
  type Batch,
  batchesPerEpoch,
  batchLengths,
  batchPlan,
  type Dataset,
  evaluationBatches,
  openBatchMaker,
} from '@ablate/data';

const SIZE = 6;
const BYTES = SIZE * SIZE * 3;
const COUNT = 50;

/** Image n has red n + 1, green 1 + row and blue 1 + column, so that black is only in a border. */
const images = Uint8Array.from({ length: COUNT * BYTES }, (_, i) => {
  const pixel = Math.floor(i / 3) % (SIZE * SIZE);
  return [1 + Math.floor(i / BYTES), 1 + Math.floor(pixel / SIZE), 1 + (pixel % SIZE)][i % 3] ?? 0;
});
const set = { images, labels: Int32Array.from({ length: COUNT }, (_, i) => i % 7), count: COUNT };
const plain = {
  imageSize: SIZE,
  mean: [0, 0, 0],
  std: [1 / 255, 1 / 255, 1 / 255],
  classes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  train: set,
} satisfies Partial<Dataset>;
const indices = Int32Array.from({ length: 43 }, (_, i) => COUNT - 1 - i);
const crop: AugmentOp = { op: 'crop', padding: 2, fill: 'zero', p: 1 };
const flip: AugmentOp = { op: 'flip', p: 0.5 };

function batches(augment: readonly AugmentOp[], seed = 1, dataset: Pick<Dataset, 'mean' | 'std'> = plain) {
  const plan = batchPlan({ ...plain, ...dataset }, { indices, batchSize: 10, augment, seed });
  const { make } = openBatchMaker(plan);
  const lengths = batchLengths(plan);
  const into = {
    images: new Float32Array(lengths.images),
    labels: new Int32Array(lengths.labels),
    ...(lengths.targets > 0 && { targets: new Float32Array(lengths.targets) }),
  };
  const batch = (epoch: number, number: number): Batch => {
    make(epoch, number, into);
    return { ...into, count: 10 };
  };
  return { perEpoch: batchesPerEpoch(plan), batch };
}
/** A copy of a batch's bytes; `plain` normalises a byte to itself. */
const bytesOf = ({ images: floats }: Batch) => [...floats].map(Math.round);
const pixel = (bytes: readonly number[], image: number, y: number, x: number) =>
  bytes.slice(image * BYTES + (y * SIZE + x) * 3, image * BYTES + (y * SIZE + x) * 3 + 3);

test('an epoch takes each image at most once, in its own order, and drops the last partial batch', () => {
  const { perEpoch, batch } = batches([]);
  assert.equal(perEpoch, 4);
  const epoch = (number: number) =>
    [0, 1, 2, 3].flatMap((i) => bytesOf(batch(number, i)).filter((_, j) => j % BYTES === 0));
  const [first, second] = [epoch(0), epoch(1)];
  assert.equal(new Set(first).size, 40);
  const allowed = new Set(Array.from(indices, (index) => index + 1));
  for (const red of [...first, ...second]) assert.ok(allowed.has(red));
  assert.notDeepEqual(first, second);
  assert.throws(() => batch(0, 4), /batch 4 is out of range/);
});

test('labels stay with their images', () => {
  const { images: floats, labels } = batches([]).batch(2, 1);
  for (const [place, label] of labels.entries()) assert.equal(label, (Math.round(floats[place * BYTES] ?? 0) - 1) % 7);
});

test('a batch depends on seed, epoch and number only', () => {
  const straight = batches([crop, flip]);
  for (let i = 0; i < 3; i++) straight.batch(0, i);
  const expected = bytesOf(straight.batch(5, 2));
  assert.deepEqual(bytesOf(batches([crop, flip]).batch(5, 2)), expected);
  assert.notDeepEqual(bytesOf(batches([crop, flip], 2).batch(5, 2)), expected);
});

test('a crop shifts the image by at most its padding and fills with black', () => {
  const shifts = new Set<string>();
  const { batch } = batches([crop]);
  for (let epoch = 0; epoch < 20; epoch++) {
    const bytes = bytesOf(batch(epoch, 0));
    for (let image = 0; image < 10; image++) {
      // The pixel at (2, 2) shows the shift: with a padding of 2 it is never the border.
      const [, green = 0, blue = 0] = pixel(bytes, image, 2, 2);
      const [dy, dx] = [green - 3, blue - 3];
      assert.ok(Math.abs(dy) <= 2 && Math.abs(dx) <= 2);
      shifts.add(`${dy} ${dx}`);
      for (let y = 0; y < SIZE; y++)
        for (let x = 0; x < SIZE; x++) {
          const inside = y + dy >= 0 && y + dy < SIZE && x + dx >= 0 && x + dx < SIZE;
          const [red, ...rest] = pixel(bytes, image, y, x);
          assert.deepEqual(rest, inside ? [1 + y + dy, 1 + x + dx] : [0, 0]);
          assert.equal(red === 0, !inside);
        }
    }
  }
  assert.equal(shifts.size, 25, 'each shift of 2 × 2 + 1 in each direction is drawn');
});

test('a flip mirrors about half of the images left to right, independent of other operations', () => {
  const flipped = (bytes: readonly number[], image: number) => {
    const rows = Array.from({ length: SIZE }, (_, x) => pixel(bytes, image, 0, x)[2]);
    if (rows.join() === '6,5,4,3,2,1') return true;
    assert.equal(rows.join(), '1,2,3,4,5,6');
    return false;
  };
  const alone = batches([flip]);
  const after = batches([{ ...crop, p: 0 }, flip]);
  let count = 0;
  for (let epoch = 0; epoch < 40; epoch++) {
    const bytes = bytesOf(alone.batch(epoch, 1));
    assert.deepEqual(bytesOf(after.batch(epoch, 1)), bytes);
    for (let image = 0; image < 10; image++) if (flipped(bytes, image)) count++;
  }
  assert.ok(count > 160 && count < 240, `${count} of 400`); // six standard deviations are 60
});

test('a crop is the same crop with and without a flip before it', () => {
  const [one, two] = [batches([crop]), batches([{ ...flip, p: 0 }, crop])];
  assert.deepEqual(bytesOf(one.batch(3, 0)), bytesOf(two.batch(3, 0)));
});

test('images are normalised by the data set’s mean and standard deviation, black borders too', () => {
  const dataset = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] } satisfies Partial<Dataset>;
  const { batch } = batches([crop], 1, dataset);
  const [{ images: floats }, bytes] = [batch(0, 0), bytesOf(batches([crop]).batch(0, 0))];
  assert.ok(bytes.includes(0));
  floats.forEach((value, i) => {
    const [mean = 0, std = 1] = [dataset.mean[i % 3], dataset.std[i % 3]];
    assert.ok(Math.abs(value - ((bytes[i] ?? 0) / 255 - mean) / std) < 1e-5);
  });
});

test('evaluation takes every image once, in order and unchanged; the last batch may be smaller', () => {
  const seen: number[] = [];
  const sizes: number[] = [];
  for (const batch of evaluationBatches(plain, set, { indices, batchSize: 20 })) {
    sizes.push(batch.count);
    assert.equal(batch.images.length, batch.count * BYTES);
    assert.equal(batch.labels.length, batch.count);
    for (let i = 0; i < batch.count; i++) {
      seen.push(Math.round(batch.images[i * BYTES] ?? 0) - 1);
      assert.equal(batch.labels[i], (seen.at(-1) ?? 0) % 7);
    }
  }
  assert.deepEqual(sizes, [20, 20, 3]);
  assert.deepEqual(seen, [...indices]);
  assert.equal([...evaluationBatches(plain, set, { batchSize: 32 })].length, 2);
});
