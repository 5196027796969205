/** Training batches, made ahead of the step in threads. The number of threads changes no byte. */
import { availableParallelism } from 'node:os';
import type { Dataset } from '../../dataset.ts';
import {
  type Batch,
  type BatchPlan,
  type BatchSpec,
  batchesPerEpoch,
  batchLengths,
  batchPlan,
  openBatchMaker,
} from '../batches.ts';
import type { FillTask } from './fill-task.ts';
import { openRing, ringMemory, type SlotLengths } from './ring.ts';
import { startThreads } from './threads.ts';

/** Memory for batches made ahead; at least two batches. */
const RING_BYTES = 128 * 2 ** 20;
const TASK = new URL('fill-task.ts', import.meta.url);

export type Loader = {
  /** Whole batches in an epoch. */
  readonly perEpoch: number;
  /**
   * Batch `number` (from 0) of `epoch` (from 0), valid until the next call. The first call may request any batch, each later call
   * the next one. Throws if a thread has failed.
   */
  batch(epoch: number, number: number): Promise<Batch>;
  /** Stop the threads; resolves when they have ended. */
  close(): Promise<void>;
};

/** Half of the cores, since the step needs them too, and at most 8, which is enough for any step. */
export const defaultThreads = (cores = availableParallelism()): number => Math.max(1, Math.min(8, cores >> 1));

/** One slot per thread, one in use and one waiting; fewer if batches are large. */
function slotCount({ images, labels, targets }: SlotLengths, threads: number): number {
  const fitting = Math.floor(RING_BYTES / (4 * (images + labels + targets)));
  return threads === 0 ? 1 : Math.max(2, Math.min(threads + 2, fitting));
}

/** The array in shared memory; copied only if it is not there already. */
function shared<T extends Uint8Array | Int32Array>(array: T, copy: (buffer: SharedArrayBuffer) => T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const copied = copy(new SharedArrayBuffer(array.byteLength));
  copied.set(array);
  return copied;
}

/** A plan that can be passed to threads without a copy of the images for each. */
const inSharedMemory = (plan: BatchPlan): BatchPlan => ({
  ...plan,
  images: plan.images instanceof Uint8Array ? shared(plan.images, (buffer) => new Uint8Array(buffer)) : plan.images,
  labels: shared(plan.labels, (buffer) => new Int32Array(buffer)),
  indices: shared(plan.indices, (buffer) => new Int32Array(buffer)),
});

/**
 * Threads start at the first call of `batch`.
 * @param threads number of threads; with 0, batches are made when requested
 * @param epochs  number of epochs
 */
export function openLoader(
  dataset: Pick<Dataset, 'imageSize' | 'mean' | 'std' | 'classes' | 'train'>,
  spec: BatchSpec,
  { threads = defaultThreads(), epochs }: { threads?: number; epochs: number },
): Loader {
  const perEpoch = batchesPerEpoch(spec);

  function start(first: number) {
    const given = batchPlan(dataset, spec);
    const plan = threads === 0 ? given : inSharedMemory(given);
    const lengths = batchLengths(plan);
    const memory = ringMemory(lengths, slotCount(lengths, threads));
    const ring = openRing(memory);
    ring.start(first, epochs * perEpoch);
    return {
      ring,
      maker: openBatchMaker(plan),
      threads: startThreads<FillTask>(threads, { module: TASK, input: { plan, memory } }, ring),
      last: first - 1,
    };
  }
  let running: ReturnType<typeof start> | undefined;
  let closed = false;

  return {
    perEpoch,
    async batch(epoch, number) {
      if (closed) throw new Error('the loader is closed');
      if (number >= perEpoch || epoch >= epochs)
        throw new RangeError(`batch ${number} of epoch ${epoch} is out of range`);
      const n = epoch * perEpoch + number;
      running ??= start(n);
      if (n !== running.last + 1)
        throw new RangeError(`batch ${n} requested after batch ${running.last}; batches are sequential`);
      running.last = n;
      const { ring, maker, threads } = running;
      threads.check();
      ring.use(n);
      // Unclaimed: the threads are still starting, or all busy, or there are none.
      if (ring.claim(n)) maker.make(epoch, number, ring.slot(n));
      else await threads.made(n);
      return { ...ring.slot(n), count: spec.batchSize };
    },
    async close() {
      closed = true;
      running?.ring.close();
      running?.maker.close();
      await running?.threads.ended;
    },
  };
}
