/** What a decoder's thread does: answers each batch that it is sent. */
import { parentPort, workerData } from 'node:worker_threads';
import { type DecodeAnswer, type DecodeRequest, decodeBatch } from './decode-batch.ts';

if (!parentPort) throw new Error('a decoder thread is started by a decoder');
const port = parentPort;
// Our own parent wrote it, a moment ago, with this very type.
const { imageSize } = workerData as { imageSize?: number };

port.on('message', ({ id, samples }: DecodeRequest) => {
  void decodeBatch(samples, imageSize).then((batch) =>
    port.postMessage({ id, batch } satisfies DecodeAnswer, [batch.pixels.buffer]),
  );
});
