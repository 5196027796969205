/** One attempt at a run: claim it, have a trainer train it, write what the trainer says, end it with a cause. */
import { join } from 'node:path';
import type { Cause, RunJob, StopCommand, TrainCommand, TrainerEvent } from '@ablate/contracts';
import { claimRun, type Database } from '@ablate/db';
import type { Logger } from 'pino';
import { removeStrays } from './checkpoint-files.ts';
import { keepLease } from './lease.ts';
import { createEventRecorder } from './record-event.ts';
import { retry } from './retry.ts';
import { explainExit } from './trainer-exit.ts';
import type { TrainerPool } from './trainer-pool.ts';
import type { Trainer } from './trainer-process.ts';

export type TrainRunOptions = {
  db: Database;
  trainers: TrainerPool;
  log: Logger;
  /** Who trains: host and process, for the attempt's row. */
  worker: string;
  /** Absolute path under which every run has a folder of its own. */
  checkpoints: string;
  beatSeconds: number;
  /** Time for a trainer that was asked to stop; then it is killed. */
  graceSeconds: number;
  /** A trainer that says nothing for so long hangs; it is killed. */
  silenceSeconds: number;
  /** How long a write waits for a database that does not answer. */
  patienceSeconds: number;
  /** Aborted when this worker must end: its attempts go back to the queue. */
  draining: AbortSignal;
};

type Final = Extract<TrainerEvent, { type: 'finished' | 'failed' }>;
type Failed = Extract<TrainerEvent, { type: 'failed' }>;

/** Why we ended a trainer ourselves. */
type Ending = StopCommand['cause'] | 'superseded' | 'silent';

const ENDINGS: Record<Ending, { cause: Cause; message: string }> = {
  cancelled: { cause: 'cancelled', message: 'cancelled by a user' },
  preempted: { cause: 'preempted', message: 'the worker was asked to end' },
  superseded: { cause: 'superseded', message: 'another attempt took over' },
  silent: { cause: 'lost', message: 'the trainer said nothing for too long and was killed' },
};

const failed = ({ cause, message }: { cause: Cause; message: string }): Failed => ({ type: 'failed', cause, message });

/** Train a run that the queue named. Does nothing when it is not to be had: delivered twice, cancelled, taken back. */
export async function trainRun(job: RunJob, options: TrainRunOptions): Promise<void> {
  const { db, trainers, draining } = options;
  const log = options.log.child(job);
  const claim = await claimRun(db, { ...job, worker: options.worker });
  if (claim === null) {
    log.info('nothing to do: this attempt was taken, or is no longer wanted');
    return;
  }
  log.info('attempt claimed');

  const folder = join(options.checkpoints, job.runId);
  const resume = claim.checkpoints.map(({ id: _, ...file }) => file);
  const command: TrainCommand = { type: 'train', ...job, config: claim.config, seed: claim.seed, folder, resume };

  const over = new AbortController();
  const now: { ending?: Ending; trainer?: Trainer; grace?: NodeJS.Timeout } = {};

  const kill = (why: Ending) => {
    now.ending ??= why;
    if (why === 'superseded') over.abort();
    now.trainer?.kill();
  };
  const ask = (cause: StopCommand['cause']) => {
    if (now.ending !== undefined) return;
    now.ending = cause;
    now.trainer?.stop(cause);
    now.grace = setTimeout(() => now.trainer?.kill(), options.graceSeconds * 1000);
  };
  const silence = setTimeout(() => kill('silent'), options.silenceSeconds * 1000);
  const preempt = () => ask('preempted');

  const lease = keepLease(db, job, {
    beatSeconds: options.beatSeconds,
    log,
    onLost: () => kill('superseded'),
    onCancelled: () => ask('cancelled'),
  });
  const record = createEventRecorder({ db, job, folder, checkpoints: resume, lease, log });
  const write = (event: TrainerEvent): Promise<boolean> =>
    retry(() => record(event), { patienceMs: options.patienceSeconds * 1000, signal: over.signal, log });

  /** The trainer's own last word, or ours about it; undefined once the attempt is another's. */
  const follow = async (): Promise<Final | undefined> => {
    await removeStrays(folder, job.attempt - 1, new Set(resume.map(({ file }) => file)));
    if (draining.aborted) return failed(ENDINGS.preempted);
    draining.addEventListener('abort', preempt);
    const trainer = await trainers.borrow();
    now.trainer = trainer;
    // Asked to end while the trainer was starting: there was nobody to tell.
    if (now.ending !== undefined) return failed(ENDINGS[now.ending]);
    for await (const event of trainer.train(command)) {
      silence.refresh();
      if (event.type === 'finished' || event.type === 'failed') return event;
      if (!(await write(event))) kill('superseded');
      if (over.signal.aborted) return undefined;
    }
    trainer.kill();
    const exit = await trainer.exited;
    return failed(now.ending === undefined ? explainExit(exit) : ENDINGS[now.ending]);
  };

  let endedWell = false;
  try {
    const final = await follow().catch((error: unknown) => {
      log.error({ err: error }, 'the worker could not go on with this attempt');
      now.trainer?.kill();
      return failed({
        cause: 'lost',
        message: `the worker could not go on: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
    if (final === undefined || over.signal.aborted) log.warn('superseded: another attempt took over');
    else if (await write(final)) {
      endedWell = final.type === 'finished' || final.cause === now.ending;
      log.info(final, 'attempt ended');
    } else log.warn('superseded: the last word was refused');
  } finally {
    clearTimeout(now.grace);
    clearTimeout(silence);
    draining.removeEventListener('abort', preempt);
    await lease.end();
    if (now.trainer) await trainers.giveBack(now.trainer, endedWell);
  }
}
