import assert from 'node:assert/strict';
import test from 'node:test';
import { countedRandom, randomBlock, randomKey } from '@ablate/random';

// Known answers from the authors' library Random123 (kat_vectors, philox4x32 10).
const KNOWN: { key: [number, number]; counter: [number, number, number, number]; words: number[] }[] = [
  { key: [0, 0], counter: [0, 0, 0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    key: [0xffffffff, 0xffffffff],
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    key: [0xa4093822, 0x299f31d0],
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

for (const { key, counter, words } of KNOWN)
  test(`Philox 4x32-10 of key ${key} gives the known answer`, () => {
    assert.deepEqual([...randomBlock(key, counter)], words);
  });

const take = (count: number, draw: () => number) => Array.from({ length: count }, draw);

test('a position gives the same numbers, independent of draws at other positions', () => {
  const key = randomKey(7, 'crop');
  const far = take(9, countedRandom(key, [3, 41]).word);
  take(100, countedRandom(key, [3, 40]).word);
  assert.deepEqual(take(9, countedRandom(key, [3, 41]).word), far);
});

test('seed, purpose and position each change the numbers', () => {
  const draws = [
    countedRandom(randomKey(1, 'a')),
    countedRandom(randomKey(2, 'a')),
    countedRandom(randomKey(1, 'b')),
    countedRandom(randomKey(1, 'a'), [1, 0]),
    countedRandom(randomKey(1, 'a'), [0, 1]),
  ].map((random) => random.word());
  assert.equal(new Set(draws).size, draws.length);
});

test('uniform, normal and integer have their moments', () => {
  const random = countedRandom(randomKey(5, 'moments'));
  const count = 50_000;
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const normals = take(count, random.normal);
  assert.ok(Math.abs(mean(normals)) < 0.02);
  assert.ok(Math.abs(mean(normals.map((v) => v * v)) - 1) < 0.03);
  assert.ok(Math.abs(mean(normals.map((v) => v ** 4)) - 3) < 0.25);
  const uniforms = take(count, random.uniform);
  assert.ok(uniforms.every((v) => v >= 0 && v < 1));
  assert.ok(Math.abs(mean(uniforms) - 0.5) < 0.01);
  const counts = [0, 0, 0];
  for (let i = 0; i < count; i++) counts[random.integer(3)]! += 1;
  assert.ok(counts.every((c) => Math.abs(c / count - 1 / 3) < 0.01));
});

test('filling with normal numbers goes on from single draws, and single draws from it', () => {
  const [single, filled] = [countedRandom(randomKey(5, 'fill')), countedRandom(randomKey(5, 'fill'))];
  const expected = Float32Array.from(take(25, single.normal), (value) => 0.3 * value);
  const found = new Float32Array(25);
  found[0] = 0.3 * filled.normal();
  filled.fillNormal(found.subarray(1, 1), 0.3);
  filled.fillNormal(found.subarray(1, 7), 0.3);
  filled.fillNormal(found.subarray(7, 24), 0.3);
  found[24] = 0.3 * filled.normal();
  assert.deepEqual(found, expected);
  assert.equal(filled.word(), take(1, single.word)[0]);
});
