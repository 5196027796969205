/**
 * The lines between the bench and the processes that it measures. A process is given its `Task` as its one argument, gets ready, and then answers:
 * `{"steps": 8}` on its stdin is answered by a `Stepped` line on its stdout. It ends when its stdin ends.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';

export const Ready = z.strictObject({
  event: z.literal('ready'),
  /** From libraries loaded to the first step done. */
  compileSeconds: z.number(),
  versions: z.record(z.string(), z.string()),
  notes: z.array(z.string()),
});
export type Ready = z.infer<typeof Ready>;

export const Stepped = z.strictObject({
  event: z.literal('stepped'),
  steps: z.int(),
  seconds: z.number(),
  loss: z.number(),
});
export type Stepped = z.infer<typeof Stepped>;

export const Answer = z.discriminatedUnion('event', [Ready, Stepped]);
export type Answer = z.infer<typeof Answer>;
const Order = z.strictObject({ steps: z.int().min(1) });

/** What a process needs to be measured: one optimiser step on the batch of that number, done when it returns; its loss. */
export type Step = (batch: number) => number | Promise<number>;

/** Serve the protocol from a Node process: time the first step, say ready, then do as told until stdin ends. */
export async function serve(
  loaded: number,
  versions: Record<string, string>,
  begin: () => { step: Step; notes: readonly string[]; end: () => void | Promise<void> },
): Promise<void> {
  const say = (answer: Ready | Stepped): void => {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  const job = begin();
  let done = 0;
  await job.step(done++);
  say({ event: 'ready', compileSeconds: (performance.now() - loaded) / 1000, versions, notes: [...job.notes] });
  for await (const line of createInterface({ input: process.stdin })) {
    const { steps } = Order.parse(JSON.parse(line));
    await job.step(done++); // caches are cold after the others had the machine: not measured
    const start = performance.now();
    let loss = 0;
    for (let i = 0; i < steps; i++) loss = await job.step(done++);
    say({ event: 'stepped', steps, seconds: (performance.now() - start) / 1000, loss });
  }
  await job.end();
}
