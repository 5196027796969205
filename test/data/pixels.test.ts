import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openPixels, type Pixels } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';

/** Three images of 12 bytes, after 5 other bytes. */
const bytes = Uint8Array.from({ length: 5 + 36 }, (_, i) => i);

test('images are the same from memory and from a file', async () => {
  const { path } = temporaryFolder();
  const file = join(path, 'set.bin');
  await writeFile(file, bytes);
  const [memory, disk] = [openPixels(bytes.subarray(5), 12), openPixels({ file, offset: 5 }, 12)];
  for (const index of [2, 0, 1]) assert.deepEqual([...disk.at(index)], [...memory.at(index)]);
  assert.deepEqual([...disk.at(2)], [...bytes.subarray(29, 41)]);
  await truncate(file, 30);
  assert.throws(() => disk.at(2), /set\.bin: truncated within image 2/);
  disk.close();
  memory.close();
});

test('a worker thread shares the memory without a copy', async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     workerData[0] = 7;
     parentPort.postMessage('written');`,
    { eval: true, workerData: shared satisfies Pixels },
  );
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.equal(shared[0], 7);
  await worker.terminate();
});
