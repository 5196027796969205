/** Makes batches in a thread, one after another, until none is left to claim. */
import { type BatchPlan, batchesPerEpoch, openBatchMaker } from '../batches.ts';
import { openRing, type RingMemory } from './ring.ts';
import type { ThreadInput } from './threads.ts';

export type FillTask = { plan: BatchPlan; memory: RingMemory };

export default async function fillTask({ plan, memory, finished }: ThreadInput<FillTask>): Promise<void> {
  const ring = openRing(memory);
  const maker = openBatchMaker(plan);
  const perEpoch = batchesPerEpoch(plan);
  try {
    for (let n = ring.claimNext(); n !== null; n = ring.claimNext()) {
      const number = n % perEpoch;
      const epoch = (n - number) / perEpoch;
      try {
        maker.make(epoch, number, ring.slot(n));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`batch ${number} of epoch ${epoch + 1}: ${reason}`, { cause });
      }
      ring.finish(n);
      finished.postMessage(n);
    }
  } finally {
    maker.close();
  }
}
