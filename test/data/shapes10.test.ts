import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { shapes10Samples } from '@ablate/data';

async function first(count: number) {
  const found = [];
  for await (const sample of shapes10Samples()) if (found.push(sample) === count) break;
  return found;
}

test('shapes10 is the same on every machine', async () => {
  const hash = createHash('sha256');
  for (const { className, image } of await first(200)) hash.update(className).update(image.pixels);
  assert.equal(hash.digest('hex'), 'fcf1b38a375ad631a22e9772afa5a2260ef01900da79bc3c7a7a16088832d6b9');
});

test('the ten shapes alternate, and no two images are equal', async () => {
  const samples = await first(100);
  assert.equal(new Set(samples.slice(0, 10).map(({ className }) => className)).size, 10);
  assert.equal(new Set(samples.map(({ image }) => Buffer.from(image.pixels).toString('base64'))).size, 100);
});
