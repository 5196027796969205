/** Decodes batches in threads. Starting threads takes longer than decoding a small data set, so the first images are decoded here. */
import { availableParallelism } from 'node:os';
import { openPool, type Pool } from '../threads/pool.ts';
import { openBudget } from './budget.ts';
import { MAX_DECODING_BYTES } from './decode.ts';
import { batchMemory, type DecodedBatch, decodeBatch, type Undecoded } from './decode-batch.ts';
import type { DecodeTask } from './decode-task.ts';

const TASK = new URL('decode-task.ts', import.meta.url);
const MAX_THREADS = 8;
/** Images that are decoded on the calling thread before threads are started. */
const IMAGES_WITHOUT_THREADS = 512;

export type Decoder = {
  /** How many batches to request ahead, so that every thread stays busy. */
  readonly ahead: number;
  decode(samples: readonly Undecoded[]): Promise<DecodedBatch>;
  /** End the threads. Pending requests reject. */
  close(): Promise<void>;
};

/** @param imageSize side that every image is brought to; absent: its own */
export function openDecoder(imageSize?: number): Decoder {
  const threads = Math.min(MAX_THREADS, availableParallelism());
  let pool: Pool<DecodeTask, DecodedBatch> | undefined;
  let requested = 0;
  const within = openBudget(MAX_DECODING_BYTES);
  return {
    ahead: 2 * threads,
    decode(samples) {
      requested += samples.length;
      const memory = batchMemory(samples);
      return within(memory, () => {
        if (!pool && requested <= IMAGES_WITHOUT_THREADS) return decodeBatch(samples, { imageSize, memory });
        pool ??= openPool(TASK, threads);
        return pool.run({ samples, imageSize, memory });
      });
    },
    close: async () => pool?.destroy(),
  };
}
