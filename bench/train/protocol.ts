/**
 * The protocol between the bench and a measured process. A process gets its `Task` as its argument, and prints a `Ready` line.
 * For each `{"steps": 8}` on stdin, it prints a `Stepped` line on stdout. It exits when stdin ends.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';

export const Ready = z.strictObject({
  event: z.literal('ready'),
  /** Seconds from the libraries loaded to the end of the first step. */
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

/** One optimizer step on the batch with that number, complete when it returns; returns the loss. */
export type Step = (batch: number) => number | Promise<number>;

/** Serves the protocol in a Node process: times the first step, reports ready, then runs requested steps until stdin ends. */
export async function serve(
  loaded: number,
  versions: Record<string, string>,
  begin: () => { step: Step; notes: readonly string[]; end: () => void | Promise<void> },
): Promise<void> {
  const send = (answer: Ready | Stepped): void => {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  const job = begin();
  let done = 0;
  await job.step(done++);
  send({ event: 'ready', compileSeconds: (performance.now() - loaded) / 1000, versions, notes: [...job.notes] });
  for await (const line of createInterface({ input: process.stdin })) {
    const { steps } = Order.parse(JSON.parse(line));
    await job.step(done++); // not measured: caches are cold after the turns of other processes
    const start = performance.now();
    let loss = 0;
    for (let i = 0; i < steps; i++) loss = await job.step(done++);
    send({ event: 'stepped', steps, seconds: (performance.now() - start) / 1000, loss });
  }
  await job.end();
}
