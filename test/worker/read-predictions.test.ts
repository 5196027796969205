import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { sha256 } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { encodeSafetensors, type TensorData } from '@ablate/models/safetensors';
import { readPredictions } from '../../apps/worker/src/read-predictions.ts';

const home = temporaryFolder();
after(() => home.remove());
const FILE = 'predictions-test-1.safetensors';

type Planes = Record<string, number[]>;
const GOOD: Planes = { predicted: [0, 1], confidence: [255, 9], rank: [0, 1], labels: [0, 2] };

function written(planes: Planes, classes: unknown = ['cat', 'dog', 'owl'], indices?: number[]) {
  const tensors = new Map<string, TensorData>(
    Object.entries(planes).map(([name, data]) => [
      name,
      { dtype: 'U8', shape: [data.length], data: Uint8Array.from(data) },
    ]),
  );
  if (indices) tensors.set('indices', { dtype: 'I32', shape: [indices.length], data: Int32Array.from(indices) });
  const bytes = encodeSafetensors(tensors, { classes: JSON.stringify(classes) });
  writeFileSync(join(home.path, FILE), bytes);
  const [split, width] = ['test' as const, 1 as const];
  return { split, file: FILE, sha256: sha256(bytes), bytes: bytes.byteLength, images: 2, width };
}

test('predictions are read as they were written', async () => {
  const { data, labels, indices, classes } = await readPredictions(home.path, written(GOOD, undefined, [7, 3]));
  assert.deepEqual([[...data], [...labels], indices, classes.length], [[0, 1, 255, 9, 0, 1], [0, 2], [7, 3], 3]);
});

for (const [what, file, message] of [
  ['with a different hash', () => ({ ...written(GOOD), sha256: 'a'.repeat(64) }), /SHA-256 mismatch/],
  ['of a different size', () => ({ ...written(GOOD), bytes: 7 }), /size mismatch: expected 7 bytes/],
  ['with too few values', () => written({ ...GOOD, rank: [0] }), /"rank" must be 2 bytes/],
  ['without confidences', () => written({ predicted: [0, 1], rank: [0, 1], labels: [0, 2] }), /"confidence" must be/],
  ['with an unknown class', () => written({ ...GOOD, labels: [0, 3] }), /"labels" has a class above 2/],
  ['without class names', () => written(GOOD, null), /expected array/],
  ['with too few indices', () => written(GOOD, undefined, [1]), /"indices" must be 2 numbers/],
] as const)
  test(`a file ${what} is refused`, async () => {
    await assert.rejects(readPredictions(home.path, file()), message);
  });
