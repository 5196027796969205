/** Decodes one batch in a thread. */
import { moved } from '../threads/pool.ts';
import { type BatchOptions, decodeBatch, type Undecoded } from './decode-batch.ts';

export type DecodeTask = BatchOptions & { samples: readonly Undecoded[] };

export default async function decodeTask({ samples, ...options }: DecodeTask) {
  const batch = await decodeBatch(samples, options);
  return moved(batch, [batch.pixels.buffer]);
}
