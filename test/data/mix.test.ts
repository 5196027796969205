import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MixOp } from '@ablate/contracts';
import { mixer, oneHot } from '@ablate/data';

const SIZE = 6;
const VALUES = SIZE * SIZE * 3;
const BATCH = 8;
const CLASSES = BATCH;

/** Image i has value i everywhere and label i, so that the mixture is visible in the values. */
function mixed(ops: MixOp[], epoch: number, number: number) {
  const images = Float32Array.from({ length: BATCH * VALUES }, (_, i) => Math.floor(i / VALUES));
  const targets = new Float32Array(BATCH * CLASSES);
  oneHot(
    Int32Array.from({ length: BATCH }, (_, i) => i),
    targets,
    CLASSES,
  );
  mixer(ops, { size: SIZE, classes: CLASSES, seed: 1 })(images, targets, epoch, number);
  return Array.from({ length: BATCH }, (_, i) => ({
    values: [...images.subarray(i * VALUES, (i + 1) * VALUES)],
    target: [...targets.subarray(i * CLASSES, (i + 1) * CLASSES)],
  }));
}
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-5, `${a} is not ${b}`);

const cases: Record<string, MixOp> = {
  mixup: { op: 'mixup', alpha: 0.8, p: 1 },
  cutmix: { op: 'cutmix', alpha: 1, p: 1 },
};
for (const [name, op] of Object.entries(cases))
  test(`${name}: labels are mixed like pixels, with one share and one permutation per batch`, () => {
    const shares = new Set<string>();
    for (let number = 0; number < 30; number++) {
      const batch = mixed([op], 2, number);
      const own = batch.map(({ target }, i) => target[i] ?? 0);
      const apart = batch.findIndex(({ target }) => target.filter((value) => value > 0).length === 2);
      if (apart >= 0) shares.add((own[apart] ?? 0).toFixed(4));
      const taken = Array.from({ length: CLASSES }, (_, c) => sum(batch.map(({ target }) => target[c] ?? 0)));
      for (const one of taken) near(one, 1); // each image is the partner of exactly one
      for (const [i, { values, target }] of batch.entries()) {
        near(sum(target), 1);
        // For both operations, the mean of the pixels is the mean of the labels, weighted by their shares.
        near(sum(values) / VALUES, sum(target.map((share, label) => share * label)));
        if (name === 'cutmix') for (const value of values) assert.ok((target[value] ?? 0) > 0, `${value} in ${i}`);
        else assert.equal(new Set(values).size, 1);
      }
    }
    assert.ok(shares.size > 5, `${shares.size} different shares`);
  });

test('cutmix pastes one box, the same rows and columns in each image', () => {
  for (let number = 0; number < 20; number++) {
    const batch = mixed([{ op: 'cutmix', alpha: 1, p: 1 }], 0, number);
    const changed = batch.map(({ values }, i) => values.flatMap((value, at) => (value === i ? [] : [at])));
    const [box = []] = changed.filter((places) => places.length > 0);
    for (const places of changed) if (places.length > 0) assert.deepEqual(places, box);
    const rows = new Set(box.map((at) => Math.floor(at / (SIZE * 3))));
    const columns = new Set(box.map((at) => Math.floor(at / 3) % SIZE));
    assert.equal(box.length, rows.size * columns.size * 3);
  }
});

test('with both, a batch is mixed by one of them, with the given probabilities', () => {
  const kinds = { none: 0, mixup: 0, cutmix: 0 };
  const ops: MixOp[] = [
    { op: 'mixup', alpha: 5, p: 0.5 },
    { op: 'cutmix', alpha: 5, p: 0.25 },
  ];
  for (let number = 0; number < 400; number++) {
    const values = mixed(ops, 0, number).flatMap((image) => image.values);
    const whole = values.every(Number.isInteger);
    if (!whole) kinds.mixup++;
    else if (values.every((value, i) => value === Math.floor(i / VALUES))) kinds.none++;
    else kinds.cutmix++;
  }
  // Four standard deviations are 40; a cutmix of no pixel counts as none.
  assert.ok(Math.abs(kinds.mixup - 200) < 40 && kinds.cutmix > 50 && kinds.cutmix < 140, JSON.stringify(kinds));
});

test('mixing depends on seed, epoch and number only', () => {
  const op: MixOp = { op: 'mixup', alpha: 0.8, p: 1 };
  assert.deepEqual(mixed([op], 3, 4), mixed([op], 3, 4));
  assert.notDeepEqual(mixed([op], 3, 4), mixed([op], 3, 5));
  assert.notDeepEqual(mixed([op], 3, 4), mixed([op], 4, 4));
});
