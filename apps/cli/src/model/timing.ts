/** How long a forward pass takes in one precision, and what it answers; measured in a process of its own. */
import { fork } from 'node:child_process';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { WeightsOptions } from './options.ts';

export const PRECISIONS = ['fp32', 'bf16'] as const;

export const TimingOrder = z.object({
  options: WeightsOptions,
  precision: z.enum(PRECISIONS),
  /** Runs before the clock counts, and runs that count. */
  warmup: z.int().min(0),
  runs: z.int().min(2),
  /** (B, S, S, 3), normalised. */
  images: z.object({ shape: z.array(z.int()), data: z.instanceof(Float32Array) }),
});
export type TimingOrder = z.infer<typeof TimingOrder>;

const Timed = z.object({
  milliseconds: z.array(z.number()),
  /** Logits, or CLIP's image features. */
  answer: z.instanceof(Float32Array),
  /** Most resident memory that the process ever held, in bytes; a GPU's memory is not in it. */
  peakBytes: z.number(),
  compiled: z.boolean(),
  notes: z.array(z.string()),
});
export type Timed = z.infer<typeof Timed>;
/** Why this machine cannot compute in the precision that was asked for. */
const Obstacle = z.object({ obstacle: z.string() });
type Obstacle = z.infer<typeof Obstacle>;
const Timing = z.union([Timed, Obstacle, z.object({ failure: z.string() })]);
export type Timing = z.infer<typeof Timing>;

/** Time a network, or say why its precision is not for this machine. @throws Failure where the process ends without an answer, or with a complaint. */
export async function timeForward(order: TimingOrder, signal: AbortSignal): Promise<Timed | Obstacle> {
  const child = fork(new URL('./timing-process.ts', import.meta.url), [], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal,
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const answer = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code, killed) => reject(new Failure(`the timed process ended (${killed ?? code}):\n${said}`)));
    child.send(order);
  });
  const timing = Timing.parse(answer);
  if ('failure' in timing) throw new Failure(timing.failure);
  return timing;
}
