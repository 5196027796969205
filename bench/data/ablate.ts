/** Measured process: makes batches as a run does, and serves protocol.ts. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { openLoader } from '@ablate/data';
import { serve } from '../train/protocol.ts';
import { jpegBatches } from './jpeg-batches.ts';
import { EPOCHS, MEAN, STD, Task, WORKS } from './task.ts';

const start = performance.now();
const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'));
const { size, augment } = WORKS[task.work];

function openPacked() {
  const images = new Uint8Array(new SharedArrayBuffer(statSync(task.images).size));
  const file = openSync(task.images, 'r');
  readSync(file, images);
  closeSync(file);
  const count = images.length / (size * size * 3);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  return openLoader(
    { imageSize: size, mean: MEAN, std: STD, classes: [...'0123456789'], train: { images, labels, count } },
    { indices: Int32Array.from(labels.keys()), batchSize: task.batchSize, augment, seed: 0 },
    { threads: task.threads, epochs: EPOCHS },
  );
}

await serve(start, { node: process.versions.node }, () => {
  if (task.work === 'jpeg') {
    const batches = jpegBatches(task);
    return { step: async (n) => (await batches.batch(n))[0] ?? Number.NaN, notes: [], end: () => batches.close() };
  }
  const loader = openPacked();
  return {
    step: async (n) => {
      const { images } = await loader.batch(Math.floor(n / loader.perEpoch), n % loader.perEpoch);
      return images[0] ?? Number.NaN;
    },
    notes: [],
    end: () => loader.close(),
  };
});
