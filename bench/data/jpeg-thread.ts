/** A thread of `jpegBatches`: decodes, crops and normalizes batches. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { augmenter, decodeImage, normaliser, openRing, type RingMemory } from '@ablate/data';
import { MEAN, STD, type Task, WORKS } from './task.ts';

if (!parentPort) throw new Error('this is a thread of jpegBatches');
// Written by jpegBatches, with this type.
const { task, memory } = workerData as { task: Task; memory: RingMemory };
const { size, augment } = WORKS[task.work];
const files = readdirSync(task.images)
  .sort()
  .map((name) => readFileSync(join(task.images, name)));
const ring = openRing(memory);
const change = augmenter(augment, { size, seed: 0, mean: MEAN, std: STD });
const normalise = normaliser({ mean: MEAN, std: STD });
const decode = (index: number) => decodeImage(files[index % files.length] ?? new Uint8Array(0), `image ${index}`);

for (let n = ring.claimNext(); n !== null; n = ring.claimNext()) {
  const { images, labels } = ring.slot(n);
  let next = decode(n * task.batchSize);
  for (let place = 0; place < task.batchSize; place++) {
    const index = n * task.batchSize + place;
    const picture = await next;
    if (place + 1 < task.batchSize) next = decode(index + 1);
    normalise(change(picture.pixels, 0, index, picture), images, place * size * size * 3);
    labels[place] = index % 10;
  }
  ring.finish(n);
  parentPort.postMessage({ made: n });
}
