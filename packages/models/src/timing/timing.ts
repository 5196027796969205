/** The time, memory and output of a forward pass in one precision, measured in a process of its own. */
import { fork } from 'node:child_process';
import { UserError } from '@ablate/contracts';
import { z } from 'zod';
import type { NetworkSource } from '../open-network.ts';

export const PRECISIONS = ['fp32', 'bf16'] as const;

export const TimingOrder = z.object({
  /** Its weights must be a local file. */
  source: z.custom<NetworkSource>((value) => typeof value === 'object' && value !== null),
  precision: z.enum(PRECISIONS),
  /** Runs before the clock starts, and measured runs. */
  warmup: z.int().min(0),
  runs: z.int().min(2),
  /** (B, S, S, 3), normalised. */
  images: z.object({ shape: z.array(z.int()), data: z.instanceof(Float32Array) }),
});
export type TimingOrder = z.infer<typeof TimingOrder>;

const Timed = z.object({
  milliseconds: z.array(z.number()),
  /** Logits, or CLIP's image features. */
  output: z.instanceof(Float32Array),
  /** Peak resident memory of the process in bytes, without a GPU's memory. */
  peakBytes: z.number(),
  compiled: z.boolean(),
  notes: z.array(z.string()),
});
export type Timed = z.infer<typeof Timed>;
/** Why this machine does not support the precision. */
const Unsupported = z.object({ unsupported: z.string() });
type Unsupported = z.infer<typeof Unsupported>;
const Timing = z.union([Timed, Unsupported, z.object({ failure: z.string() })]);
export type Timing = z.infer<typeof Timing>;

/** Time a network. @throws UserError if the process fails or exits without a result */
export async function timeForward(order: TimingOrder, signal: AbortSignal): Promise<Timed | Unsupported> {
  const child = fork(new URL('./timing-process.ts', import.meta.url), [], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal,
  });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  const message = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code, killed) =>
      reject(new UserError(`the timing process exited (${killed ?? code}):\n${errors}`)),
    );
    child.send(order);
  });
  const timing = Timing.parse(message);
  if ('failure' in timing) throw new UserError(timing.failure);
  return timing;
}
