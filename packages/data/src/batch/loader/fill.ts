/** What a loader's thread does: makes one batch after another until none is left to claim. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BatchPlan, batchesPerEpoch, openBatchMaker } from '../batches.ts';
import { openRing, type RingMemory } from './ring.ts';
import type { ThreadMessage } from './threads.ts';

export type ThreadData = { plan: BatchPlan; memory: RingMemory };

if (!parentPort) throw new Error('a loader thread is started by a loader');
const port = parentPort;
const say = (message: ThreadMessage): void => port.postMessage(message);

// Our own parent wrote it, a moment ago, with this very type.
const { plan, memory } = workerData as ThreadData;
const ring = openRing(memory);
const maker = openBatchMaker(plan);
const perEpoch = batchesPerEpoch(plan);

for (let n = ring.claimNext(); n !== null; n = ring.claimNext())
  try {
    maker.make(Math.floor(n / perEpoch), n % perEpoch, ring.slot(n));
    ring.finish(n);
    say({ made: n });
  } catch (error) {
    const number = n % perEpoch;
    const what = error instanceof Error ? error.message : String(error);
    say({ failed: `batch ${number} of epoch ${(n - number) / perEpoch + 1} cannot be made: ${what}` });
    break;
  }
maker.close();
