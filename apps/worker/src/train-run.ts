/** One attempt at a run: claim it, train it, write its end. */
import { type JobEnd, jobFailure, type LastEvent, type RunJob, type TrainCommand } from '@ablate/contracts';
import { decline, isDataError, reachedMessage } from '@ablate/db';
import type { Logger } from 'pino';
import { type Attempt, type AttemptOptions, failed, failedBy, openAttempt } from './attempt.ts';
import { attemptFolder, forkFolder, prepareFolder, removeAttemptFolder } from './attempt-folder.ts';
import { followTrainer } from './follow-trainer.ts';
import { type JobReport, showEvents } from './job-report.ts';
import { type ReuseOptions, reuseEarlier } from './reuse-earlier.ts';
import type { TrainerPool } from './trainer-pool.ts';
import type { Trainer } from './trainer-process.ts';

export type TrainRunOptions = AttemptOptions &
  Omit<ReuseOptions, 'db' | 'log'> & {
    /** Why this machine cannot train the run, or null. */
    missing: (job: RunJob) => Promise<string | null>;
    /** Seconds after which a run that this machine cannot train is offered again. */
    declineSeconds: number;
    trainers: TrainerPool;
    /** Host and process of this worker, for the attempt's row. */
    worker: string;
    /** Absolute path of the scratch folders of attempts, used if the store is not a folder. */
    scratch: string;
    /** Shows the attempt on the dashboard. */
    report: JobReport;
  };

/**
 * Train the run of a job, and return how its attempt ended; null if it belongs to another worker. Does nothing if the claim
 * fails: the job was delivered twice, or the run cancelled or taken back. A run is not trained if an equal one was. A run that this machine cannot train is left to
 * other workers, and to a later time.
 */
export async function trainRun(job: RunJob, options: TrainRunOptions): Promise<JobEnd | null> {
  const log = options.log.child(job);
  const missing = await options.missing(job);
  if (missing !== null) {
    await decline(options.db, { ...job, message: missing, seconds: options.declineSeconds });
    log.info(`declined: ${missing}`);
    return null;
  }
  const command = await claim(job, options);
  if (command === null) {
    log.info('skipped: the attempt is already claimed, or no longer queued');
    return null;
  }
  log.info('attempt claimed');
  const reused = await reuseEarlier(job, { ...options, log });
  if (reused !== null) {
    log.info(reused, 'reused: an equal run was trained before');
    if ('reached' in reused) return { failure: jobFailure('preempted', reachedMessage(reused.reached)) };
    return { result: { validationAccuracy: reused.valAccuracy, testAccuracy: reused.testAccuracy, seconds: 0 } };
  }
  const began = performance.now();
  const attempt = openAttempt(job, command, { ...options, log });
  let reusable = false;
  try {
    const end = await train(attempt, command, { ...options, log }).catch((error: unknown) => {
      log.error({ err: error }, 'the worker failed during this attempt');
      attempt.trainer?.kill();
      return failedBy(error);
    });
    const written = await writeEnd(attempt, (await vanishedData(end, job, options)) ?? end, log);
    if (written === null) return null;
    reusable = written.type !== 'failed' || written.cause === attempt.stopped;
    return jobEnd(written, (performance.now() - began) / 1000);
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
  const { config, seed, until, spentSeconds, fork, checkpoints } = claimed;
  const resume = checkpoints.map(({ id: _, ...file }) => file);
  const folder = attemptFolder(store, scratch, job);
  return {
    ...{ type: 'train', ...job, config, seed, folder, spentSeconds, resume },
    ...(until !== null && { until }),
    ...(fork && { fork: { ...fork, folder: forkFolder(store, folder, fork.run) } }),
  };
}

/** Prepare the folder, borrow a trainer and follow it. Returns how the attempt ended; undefined if it was superseded. */
async function train(
  attempt: Attempt,
  command: TrainCommand,
  { store, trainers, patienceSeconds, report, log }: TrainRunOptions,
): Promise<LastEvent | undefined> {
  const { runId, attempt: number, folder, resume, fork } = command;
  await prepareFolder(folder, {
    job: { runId, attempt: number },
    store,
    resume,
    fork,
    patienceMs: patienceSeconds * 1000,
    signal: attempt.stopping,
    log,
  });
  if (attempt.stopped !== undefined) return attempt.stoppedEnd(attempt.stopped);
  const trainer = await borrowUnlessStopped(attempt, trainers, log);
  if (attempt.stopped !== undefined) return attempt.stoppedEnd(attempt.stopped);
  if (trainer === undefined) throw new Error('no trainer was borrowed');
  return followTrainer(attempt, trainer, { command, show: showEvents(report), onLine: report.line });
}

/** The end of an attempt whose data set vanished after the claim: the run waits for it, instead of failing. */
async function vanishedData(
  end: LastEvent | undefined,
  job: RunJob,
  { missing }: TrainRunOptions,
): Promise<LastEvent | undefined> {
  if (end?.type !== 'failed' || end.cause !== 'user_error') return undefined;
  const message = await missing(job).catch(() => null); // the database is away: the trainer's own message stands
  return message === null ? undefined : failed({ cause: 'preempted', message });
}

/** Starting a trainer takes seconds, and loading TensorFlow may take a minute: a stop request does not wait for that. */
async function borrowUnlessStopped(attempt: Attempt, trainers: TrainerPool, log: Logger): Promise<Trainer | undefined> {
  const borrowed = trainers.borrow();
  const stopped = new Promise<undefined>((resolve) => {
    attempt.stopping.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const trainer = await Promise.race([borrowed, stopped]);
  if (trainer === undefined || attempt.stopped !== undefined) {
    const returned = borrowed.then((late) => trainers.giveBack(late, true));
    returned.catch((error: unknown) => log.warn({ err: error }, 'a trainer that is no longer needed did not start'));
    return undefined;
  }
  attempt.assign(trainer);
  return trainer;
}

/** Write the end of an attempt. Returns it; null if the attempt was superseded. */
async function writeEnd(attempt: Attempt, trained: LastEvent | undefined, log: Logger): Promise<LastEvent | null> {
  const end = trained && attempt.withReason(trained);
  if (end === undefined || attempt.superseded) {
    log.warn('superseded: another attempt took over');
    return null;
  }
  const written = await attempt.write(end).catch((error: unknown) => {
    if (!isDataError(error)) throw error;
    log.error({ err: error }, 'the end of the attempt cannot be stored');
    return attempt.write(failedBy(error));
  });
  if (!written) {
    log.warn('superseded: the end of the attempt was refused');
    return null;
  }
  log.info(end, 'attempt ended');
  return end;
}

const jobEnd = (end: LastEvent, seconds: number): JobEnd =>
  end.type === 'failed'
    ? { failure: jobFailure(end.cause, end.message) }
    : end.type === 'reached'
      ? { failure: jobFailure('preempted', reachedMessage(end.epoch)) }
      : {
          result: {
            validationAccuracy: end.result.valAccuracy,
            testAccuracy: end.result.testAccuracy,
            seconds: Number(seconds.toFixed(3)),
          },
        };
