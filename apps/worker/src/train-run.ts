/** One attempt at a run: claim it, have a trainer train it, write what the trainer says, end it with a cause. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointStore, fetchCheckpoint } from '@ablate/checkpoints';
import {
  type Cause,
  jobId,
  type RunJob,
  type StopCommand,
  type TrainCommand,
  type TrainerEvent,
} from '@ablate/contracts';
import type { Attempts, Database, Retention } from '@ablate/db';
import { removeStrays } from '@ablate/training/checkpoint-files';
import type { Logger } from 'pino';
import { keepLease } from './lease.ts';
import { createEventRecorder } from './record-event.ts';
import { retry } from './retry.ts';
import { explainExit } from './trainer-exit.ts';
import type { TrainerPool } from './trainer-pool.ts';
import type { Trainer } from './trainer-process.ts';

export type TrainRunOptions = {
  db: Database;
  attempts: Attempts;
  trainers: TrainerPool;
  log: Logger;
  /** Who trains: host and process, for the attempt's row. */
  worker: string;
  store: CheckpointStore;
  /** Absolute path under which each attempt has a folder for its files while it trains, where the store is no folder. */
  scratch: string;
  keep: Retention;
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

/** Metrics of a run that are being written at once at most. */
const MOST_UNWRITTEN = 32;

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

const diverged = (what: string): Failed => failed({ cause: 'diverged', message: `${what}: training has diverged` });

/** The first figure of an event that is no number, if any: no trainer may go on with it, whatever it is. */
function notFinite(event: TrainerEvent): string | undefined {
  if (event.type === 'progress') return Number.isFinite(event.loss) ? undefined : `the loss was ${event.loss}`;
  const figures: [string, number][] =
    event.type === 'metrics'
      ? event.rows.map(({ name, value, step }) => [`${name} at step ${step}`, value])
      : event.type === 'finished'
        ? Object.entries(event.result)
        : [];
  const broken = figures.find(([, value]) => !Number.isFinite(value));
  return broken && `${broken[0]} was ${broken[1]}`;
}

/** Train a run that the queue named. Does nothing when it is not to be had: delivered twice, cancelled, taken back. */
export async function trainRun(job: RunJob, options: TrainRunOptions): Promise<void> {
  const { db, attempts, trainers, draining } = options;
  const log = options.log.child(job);
  const claim = await attempts.claim({ ...job, worker: options.worker });
  if (claim === null) {
    log.info('nothing to do: this attempt was taken, or is no longer wanted');
    return;
  }
  log.info('attempt claimed');

  const { store } = options;
  const folder = store.folder === null ? join(options.scratch, jobId(job)) : join(store.folder, job.runId);
  const resume = claim.checkpoints.map(({ id: _, ...file }) => file);
  const command: TrainCommand = { type: 'train', ...job, config: claim.config, seed: claim.seed, folder, resume };

  const over = new AbortController();
  const now: { ending?: Ending; reason?: string; trainer?: Trainer; grace?: NodeJS.Timeout } = {};

  const kill = (why: Ending) => {
    now.ending ??= why;
    if (why === 'superseded') over.abort();
    now.trainer?.kill();
  };
  const ask = (cause: StopCommand['cause'], reason?: string) => {
    if (now.ending !== undefined) return;
    now.ending = cause;
    now.reason = reason;
    now.trainer?.stop(cause);
    now.grace = setTimeout(() => now.trainer?.kill(), options.graceSeconds * 1000);
  };
  const silence = setTimeout(() => kill('silent'), options.silenceSeconds * 1000);
  const preempt = () => ask('preempted');

  const lease = keepLease(attempts, job, {
    beatSeconds: options.beatSeconds,
    log,
    onLost: () => kill('superseded'),
    onStop: ({ cause, reason }) => ask(cause, reason),
  });
  const record = createEventRecorder({
    db,
    attempts,
    store,
    keep: options.keep,
    job,
    folder,
    checkpoints: resume,
    lease,
    log,
  });
  const patienceMs = options.patienceSeconds * 1000;
  const write = (event: TrainerEvent): Promise<boolean> =>
    retry(() => record(event), { patienceMs, signal: over.signal, log });

  const writing: Promise<boolean | Error>[] = [];
  const written = (event: TrainerEvent): Promise<boolean | Error> =>
    write(event).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  /** Whether the attempt was ours for all that was being written. Throws what one of the writes threw. */
  const allWritten = async (): Promise<boolean> => {
    const answers = await Promise.all(writing.splice(0));
    for (const answer of answers) if (answer instanceof Error) throw answer;
    return !answers.includes(false);
  };

  /** What the run may go on from, here; what cannot be had is the trainer's to note. */
  const fetchAll = async (): Promise<void> => {
    const signal = AbortSignal.any([over.signal, draining]);
    for (const file of resume) {
      const why = await retry(() => fetchCheckpoint(store, { runId: job.runId, folder }, file), {
        ...{ patienceMs, signal, log },
      }).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (why !== null) log.warn(`checkpoint not fetched: ${why}`);
      if (signal.aborted || now.ending !== undefined) return;
    }
  };

  /** The trainer's own last word, or ours about it; undefined once the attempt is another's. */
  const follow = async (): Promise<Final | undefined> => {
    if (job.attempt > 1) await removeStrays(folder, job.attempt - 1, new Set(resume.map(({ file }) => file)));
    if (store.folder === null) await fetchAll();
    if (draining.aborted) return failed(ENDINGS.preempted);
    draining.addEventListener('abort', preempt);
    const trainer = await trainers.borrow();
    now.trainer = trainer;
    // Asked to end while the trainer was starting: there was nobody to tell.
    if (now.ending !== undefined) return failed(endedAs(now.ending));
    for await (const event of trainer.train(command)) {
      silence.refresh();
      const broken = notFinite(event);
      if (broken !== undefined && event.type !== 'metrics') return diverged(broken);
      if (event.type === 'metrics') writing.push(written(event));
      // Metrics go on while the trainer does; whatever comes after them is written after them.
      if (event.type !== 'metrics' || broken !== undefined || writing.length === MOST_UNWRITTEN)
        if (!(await allWritten())) kill('superseded');
      if (broken !== undefined) return diverged(broken);
      if (event.type === 'finished' || event.type === 'failed') return event;
      if (event.type !== 'metrics' && !(await write(event))) kill('superseded');
      if (over.signal.aborted) return undefined;
    }
    await allWritten();
    trainer.kill();
    const exit = await trainer.exited;
    return failed(now.ending === undefined ? explainExit(exit) : endedAs(now.ending));
  };
  const endedAs = (why: Ending) => ({ cause: ENDINGS[why].cause, message: now.reason ?? ENDINGS[why].message });
  /** Why it stopped, where it stopped because it was asked to. */
  const withReason = (final: Final): Final =>
    final.type === 'failed' && final.cause === now.ending && now.reason !== undefined && final.message !== now.reason
      ? { ...final, message: `${now.reason}: ${final.message}` }
      : final;

  let endedWell = false;
  try {
    const told = await follow().catch((error: unknown) => {
      log.error({ err: error }, 'the worker could not go on with this attempt');
      now.trainer?.kill();
      return failed({
        cause: 'lost',
        message: `the worker could not go on: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
    const final = told && withReason(told);
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
    if (store.folder === null) await rm(folder, { recursive: true, force: true });
  }
}
