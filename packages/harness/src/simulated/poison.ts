/** Failures of a simulated run. All of them are real failures of the process. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Diverged } from '@ablate/training/endings';
import { z } from 'zod';

/** The step at which a run fails: after its `started` event. */
export const POISON_STEP = 2;

export const Poison = z.enum(['heap', 'abort', 'kill', 'exit', 'hang', 'diverge', 'error', 'unstorable']);
export type Poison = z.infer<typeof Poison>;

export const poisons: Record<Poison, () => Promise<void>> = {
  heap: async () => {
    const source = 'const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length))';
    const thread = new Worker(source, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    await once(thread, 'exit');
  },
  abort: async () => process.abort(),
  kill: async () => void process.kill(process.pid, 'SIGKILL'),
  exit: async () => process.exit(3),
  hang: async () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  diverge: async () => {
    throw new Diverged(`the loss was ${Number.NaN} at step ${POISON_STEP}, in epoch 1`);
  },
  unstorable: async () => {
    throw new Error('class "\0" of a file in UTF-16, and half of a pair: \ud83d');
  },
  error: async () => {
    throw new Error('the config is poison');
  },
};

/** `13:heap,14:abort`: the seeds of the runs that fail, and how. */
export const PoisonList = z.string().transform((text, context) => {
  const poison = new Map<number, Poison>();
  for (const pair of text.split(',').filter(Boolean)) {
    const [seed, way] = pair.split(':');
    const parsed = Poison.safeParse(way);
    if (parsed.success) poison.set(Number(seed), parsed.data);
    else context.addIssue({ code: 'custom', message: `"${pair}" is not seed:${Poison.options.join('|')}` });
  }
  return poison;
});
