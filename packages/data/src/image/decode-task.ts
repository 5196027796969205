/** Decodes one batch in a thread. */
import { moved } from '../threads/pool.ts';
import { decodeBatch, type Undecoded } from './decode-batch.ts';

export type DecodeTask = { samples: readonly Undecoded[]; imageSize?: number };

export default async function decodeTask({ samples, imageSize }: DecodeTask) {
  const batch = await decodeBatch(samples, imageSize);
  return moved(batch, [batch.pixels.buffer]);
}
