import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CountedRandom, countedRandom, drawBeta, drawDirichlet, randomKey, shuffle } from '@ablate/random';

const key = randomKey(0, 'test');
const ALPHAS = [0.001, 0.1, 0.2, 0.4, 0.8, 1, 1.5, 8];
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Hash of the 64-bit numbers that `draw` gives at 2,000 positions for each alpha. */
function hash(draw: (random: CountedRandom, alpha: number) => number[]): string {
  const numbers = ALPHAS.flatMap((alpha) =>
    Array.from({ length: 2000 }, (_, i) => draw(countedRandom(key, [i, 0]), alpha)).flat(),
  );
  return createHash('sha256').update(Float64Array.from(numbers)).digest('hex').slice(0, 16);
}

// Computed before mixup's draws and AugMix's draws moved into one file: a training run replays these bits.
test('Beta shares of mixup keep their bits, and use up as many words', () => {
  assert.equal(
    hash((random, alpha) => [drawBeta(random, alpha)]),
    'da5d9a0d580be621',
  );
  const wordAfter = (random: CountedRandom, alpha: number) => {
    drawBeta(random, alpha);
    return [random.word()];
  };
  assert.equal(hash(wordAfter), 'db3a228e2e414307');
});

test('Dirichlet shares of AugMix keep their bits', () => {
  assert.equal(
    hash((random, alpha) => drawDirichlet(random, alpha, 2)),
    '4380f7e5b77f765e',
  );
  assert.equal(
    hash((random, alpha) => drawDirichlet(random, alpha, 3)),
    '518c885e1e02684d',
  );
});

for (const alpha of [0.2, 1, 8])
  test(`shares follow Beta(${alpha}, ${alpha}): mean 1/2 and variance 1 / (8 · alpha + 4)`, () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => drawBeta(countedRandom(key, [i, 0]), alpha));
    const average = mean(draws);
    const variance = mean(draws.map((x) => (x - average) ** 2));
    assert.ok(draws.every((x) => x >= 0 && x <= 1));
    assert.ok(Math.abs(average - 0.5) < 0.015, `mean ${average}`);
    assert.ok(Math.abs(variance * (8 * alpha + 4) - 1) < 0.05, `variance ${variance}`);
  });

test('a shuffle is a permutation, and every order is equally likely', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffle(Int32Array.of(0, 1, 2), countedRandom(key, [i, 1])).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ['012', '021', '102', '120', '201', '210']);
  for (const [order, count] of counts) assert.ok(Math.abs(count - 1000) < 120, `${order}: ${count}`); // 4 sd
});
