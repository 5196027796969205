/** One thread of `jpegBatches`: decodes, crops and normalises, one batch after another. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { augmenter, decodeImage, normaliser, openRing, type RingMemory, type ThreadInput } from '@ablate/data';
import { MEAN, STD, type Task, WORKS } from './task.ts';

export type JpegTask = { task: Task; memory: RingMemory };

/** @public Loaded by path. */
export default async function jpegTask({ task, memory, finished }: ThreadInput<JpegTask>): Promise<void> {
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
    for (let slot = 0; slot < task.batchSize; slot++) {
      const index = n * task.batchSize + slot;
      const picture = await next;
      if (slot + 1 < task.batchSize) next = decode(index + 1);
      normalise(change(picture.pixels, 0, index, picture), images, slot * size * size * 3);
      labels[slot] = index % 10;
    }
    ring.finish(n);
    finished.postMessage(n);
  }
}
