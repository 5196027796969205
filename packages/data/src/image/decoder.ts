/** Decoding in threads. A small data set is done before they would have started, so they wait until it shows that it is not small. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  type DecodeAnswer,
  type DecodedBatch,
  type DecodeRequest,
  decodeBatch,
  type Undecoded,
} from './decode-batch.ts';

const MAX_THREADS = 8;
/** Images that are decoded here before threads are started. */
const ALONE = 512;

export type Decoder = {
  /** Batches that may be asked for at once and keep every thread busy. */
  readonly ahead: number;
  decode(samples: Undecoded[]): Promise<DecodedBatch>;
  /** End the threads; what they had not answered fails. */
  close(): Promise<void>;
};

type Waiting = { resolve: (batch: DecodedBatch) => void; reject: (error: Error) => void };

/** @param imageSize side that every image is brought to; absent: its own */
export function openDecoder(imageSize?: number): Decoder {
  const count = Math.min(MAX_THREADS, availableParallelism());
  const threads: { worker: Worker; waiting: Map<number, Waiting> }[] = [];
  let done = 0;
  let asked = 0;

  function start() {
    const worker = new Worker(new URL('decode-thread.mjs', import.meta.url), {
      workerData: { imageSize },
      name: 'decoder',
    });
    const waiting = new Map<number, Waiting>();
    worker.on('message', ({ id, batch }: DecodeAnswer) => {
      waiting.get(id)?.resolve(batch);
      waiting.delete(id);
    });
    const fail = (error: Error) => {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a thread that decodes images ended with code ${code}`)));
    return { worker, waiting };
  }

  return {
    ahead: 2 * count,
    decode(samples) {
      done += samples.length;
      if (done <= ALONE) return decodeBatch(samples, imageSize);
      if (threads.length === 0) for (let i = 0; i < count; i++) threads.push(start());
      const thread = threads.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least));
      const id = asked++;
      return new Promise((resolve, reject) => {
        thread.waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, samples } satisfies DecodeRequest);
      });
    },
    async close() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
