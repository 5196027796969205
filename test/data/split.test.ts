import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainingImages } from '@ablate/contracts';
import { split } from '@ablate/data';
import { property as given, integer, assert as property, record } from 'fast-check';

/** Labels of classes with these sizes, shuffled by a stride. */
const labelled = (sizes: readonly number[]) => {
  const inOrder = sizes.flatMap((size, label) => Array.from({ length: size }, () => label));
  const labels = Int32Array.from(inOrder, (_, i) => inOrder[(i * 7919) % inOrder.length] ?? 0);
  return { train: { images: new Uint8Array(), labels, count: labels.length } };
};
const even = labelled(Array.from({ length: 10 }, () => 101));
const uneven = labelled([400, 100, 10, 1]);

const counts = ({ train: { labels } }: typeof even, indices: Int32Array) => {
  const found = new Map<number, number>();
  for (const index of indices) found.set(labels[index] ?? -1, (found.get(labels[index] ?? -1) ?? 0) + 1);
  return found;
};

test('training and validation images are disjoint, and as many as the spec’s rule computes', () => {
  for (const [samples, validation] of [
    [1010, 0.1],
    [500, 0.1],
    [77, 0.33],
    [2, 0.5],
    [3, 0.01],
  ] as const) {
    const { train, validation: held } = split(even, { samples, validation, splitSeed: 3 });
    assert.equal(train.length, trainingImages(samples, validation));
    assert.equal(train.length + held.length, samples);
    assert.equal(new Set([...train, ...held]).size, samples);
  }
});

test('every class has its proportional share in training and in validation', () => {
  const { train, validation } = split(even, { samples: 500, validation: 0.1, splitSeed: 0 });
  assert.deepEqual([...counts(even, train).values()], Array(10).fill(45));
  assert.deepEqual([...counts(even, validation).values()], Array(10).fill(5));
  const part = split(uneven, { samples: 256, validation: 0.25, splitSeed: 0 });
  for (const [indices, total] of [
    [part.train, 192],
    [part.validation, 64],
  ] as const)
    for (const [label, share] of [400, 100, 10, 1].map((size) => (size / 511) * total).entries())
      assert.ok(Math.abs((counts(uneven, indices).get(label) ?? 0) - share) <= 1, `class ${label} of ${total}`);
});

test('a smaller choice is a prefix of a larger one', () => {
  property(
    given(
      record({
        small: integer({ min: 2, max: 511 }),
        seed: integer({ min: 0, max: 99 }),
        tenths: integer({ min: 1, max: 9 }),
      }),
      ({ small, seed, tenths }) => {
        if (trainingImages(small, tenths / 10) < 1) return;
        const options = { validation: tenths / 10, splitSeed: seed };
        const [some, all] = [split(uneven, { ...options, samples: small }), split(uneven, options)];
        assert.deepEqual(some.train, all.train.subarray(0, some.train.length));
        assert.deepEqual(some.validation, all.validation.subarray(0, some.validation.length));
      },
    ),
    { numRuns: 60 },
  );
});

test('a choice of 1000 samples is a prefix of a choice of 5000', () => {
  const set = labelled(Array.from({ length: 10 }, () => 600));
  const [small, large] = [1000, 5000].map((samples) => split(set, { samples, validation: 0.1, splitSeed: 1 }));
  assert.ok(small && large);
  assert.deepEqual([small.train.length, small.validation.length], [900, 100]);
  assert.deepEqual(small.train, large.train.subarray(0, 900));
  assert.deepEqual(small.validation, large.validation.subarray(0, 100));
});

test('the split depends on its seed', () => {
  const options = { samples: 300, validation: 0.2 };
  assert.deepEqual(split(even, { ...options, splitSeed: 1 }), split(even, { ...options, splitSeed: 1 }));
  assert.notDeepEqual(split(even, { ...options, splitSeed: 1 }), split(even, { ...options, splitSeed: 2 }));
});

test('too many samples, and a share that leaves no training images, are refused', () => {
  assert.throws(() => split(even, { samples: 1011, validation: 0.1, splitSeed: 0 }), /dataset\.samples 1011/);
  assert.throws(() => split(even, { samples: 2, validation: 0.9, splitSeed: 0 }), /dataset\.validation 0\.9/);
});
