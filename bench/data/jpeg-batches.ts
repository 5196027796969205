/**
 * Batches from JPEG files that are decoded for each batch, as in torchvision. A run of Ablate decodes once, when packing: this
 * combines its decoder, its random resized crop and its ring of batches.
 */
import { openRing, ringMemory, startThreads } from '@ablate/data';
import type { JpegTask } from './jpeg-task.ts';
import { EPOCHS, type Task, WORKS } from './task.ts';

/** As in the loader, besides one for each thread: one in use and one ready. */
const SPARE_SLOTS = 2;

export function jpegBatches(task: Task) {
  const { size } = WORKS[task.work];
  const lengths = { images: task.batchSize * size * size * 3, labels: task.batchSize, targets: 0 };
  const memory = ringMemory(lengths, task.threads + SPARE_SLOTS);
  const ring = openRing(memory);
  ring.start(0, EPOCHS);
  const module = new URL('jpeg-task.ts', import.meta.url);
  const threads = startThreads<JpegTask>(task.threads, { module, input: { task, memory } }, ring);
  return {
    async batch(n: number): Promise<Float32Array> {
      ring.use(n);
      await threads.made(n);
      return ring.slot(n).images;
    },
    async close(): Promise<void> {
      ring.close();
      await threads.ended;
    },
  };
}
