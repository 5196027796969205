/** One attempt at a run: claim it, train it, write its end. */
import type { RunJob, TrainCommand } from '@ablate/contracts';
import type { Logger } from 'pino';
import { type Attempt, type AttemptOptions, type End, failed, openAttempt } from './attempt.ts';
import { attemptFolder, prepareFolder, removeAttemptFolder } from './attempt-folder.ts';
import { followTrainer } from './follow-trainer.ts';
import type { TrainerPool } from './trainer-pool.ts';

export type TrainRunOptions = AttemptOptions & {
  trainers: TrainerPool;
  /** Host and process of this worker, for the attempt's row. */
  worker: string;
  /** Absolute path of the scratch folders of attempts, used if the store is not a folder. */
  scratch: string;
};

/** Train the run of a job. Does nothing if the claim fails: the job was delivered twice, or the run cancelled or taken back. */
export async function trainRun(job: RunJob, options: TrainRunOptions): Promise<void> {
  const log = options.log.child(job);
  const command = await claim(job, options);
  if (command === null) {
    log.info('skipped: the attempt is already claimed, or no longer queued');
    return;
  }
  log.info('attempt claimed');
  const attempt = openAttempt(job, command, { ...options, log });
  let reusable = false;
  try {
    const end = await train(attempt, command, { ...options, log }).catch((error: unknown) => {
      log.error({ err: error }, 'the worker failed during this attempt');
      attempt.trainer?.kill();
      const message = error instanceof Error ? error.message : String(error);
      return failed({ cause: 'lost', message: `the worker failed: ${message}` });
    });
    reusable = await writeEnd(attempt, end, log);
  } finally {
    await attempt.close();
    if (attempt.trainer) await options.trainers.giveBack(attempt.trainer, reusable);
    await removeAttemptFolder(options.store, command.folder);
  }
}

/** Claim the attempt; returns the trainer's command, or null if the claim fails. */
async function claim(job: RunJob, { attempts, worker, store, scratch }: TrainRunOptions): Promise<TrainCommand | null> {
  const claimed = await attempts.claim({ ...job, worker });
  if (claimed === null) return null;
  const { config, seed, checkpoints } = claimed;
  const resume = checkpoints.map(({ id: _, ...file }) => file);
  return { type: 'train', ...job, config, seed, folder: attemptFolder(store, scratch, job), resume };
}

/** Prepare the folder, borrow a trainer and follow it. Returns how the attempt ended; undefined if it was superseded. */
async function train(
  attempt: Attempt,
  command: TrainCommand,
  { store, trainers, patienceSeconds, log }: TrainRunOptions,
): Promise<End | undefined> {
  const { runId, attempt: number, folder, resume } = command;
  await prepareFolder(folder, {
    job: { runId, attempt: number },
    store,
    resume,
    patienceMs: patienceSeconds * 1000,
    signal: attempt.stopping,
    log,
  });
  if (attempt.stopped !== undefined) return attempt.stoppedEnd(attempt.stopped);
  const trainer = await trainers.borrow();
  attempt.assign(trainer);
  // Starting a trainer takes seconds: a stop request may have come meanwhile.
  if (attempt.stopped !== undefined) return attempt.stoppedEnd(attempt.stopped);
  return followTrainer(attempt, trainer, command);
}

/** Write the end of an attempt. Returns whether its trainer can train another run. */
async function writeEnd(attempt: Attempt, trained: End | undefined, log: Logger): Promise<boolean> {
  const end = trained && attempt.withReason(trained);
  if (end === undefined || attempt.superseded) {
    log.warn('superseded: another attempt took over');
    return false;
  }
  if (!(await attempt.write(end))) {
    log.warn('superseded: the end of the attempt was refused');
    return false;
  }
  log.info(end, 'attempt ended');
  return end.type === 'finished' || end.cause === attempt.stopped;
}
