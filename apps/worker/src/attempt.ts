/** An attempt under way: all of its changing state, its heartbeat and writes, and the ways in which the worker ends it early. */
import type { CheckpointStore } from '@ablate/checkpoints';
import {
  type Cause,
  isLastEvent,
  type LastEvent,
  type RunJob,
  type StopCommand,
  type TrainCommand,
  type TrainerEvent,
  toStorable,
} from '@ablate/contracts';
import { type Attempts, type Database, isDataError, type Retention } from '@ablate/db';
import type { Logger } from 'pino';
import { keepLease } from './lease.ts';
import { createEventRecorder } from './record-event.ts';
import { retry } from './repeat.ts';
import type { Trainer } from './trainer-process.ts';
import { startUsageMeter, type UsageMeter } from './usage.ts';

/** Why the worker ended a trainer. */
type StopReason = StopCommand['cause'] | 'superseded' | 'silent';

const STOPPED: Record<StopReason, { cause: Cause; message: string }> = {
  cancelled: { cause: 'cancelled', message: 'cancelled by a user' },
  preempted: { cause: 'preempted', message: 'the worker is shutting down' },
  superseded: { cause: 'superseded', message: 'another attempt took over' },
  silent: {
    cause: 'lost',
    message: 'the trainer sent no event within ABLATE_SILENCE_SECONDS and was killed',
  },
};

export const failed = ({ cause, message }: { cause: Cause; message: string }): LastEvent => ({
  type: 'failed',
  cause,
  message: toStorable(message),
});

/** The end for an error of the worker itself. Data that PostgreSQL refuses is refused again: the run fails, without a retry. */
export const failedBy = (error: unknown): LastEvent =>
  isDataError(error)
    ? failed({
        cause: 'user_error',
        message: `PostgreSQL refuses what the run reported (${error.code}): ${error.message}`,
      })
    : failed({ cause: 'lost', message: `the worker failed: ${error instanceof Error ? error.message : error}` });

export type AttemptOptions = {
  db: Database;
  attempts: Attempts;
  store: CheckpointStore;
  keep: Retention;
  log: Logger;
  beatSeconds: number;
  /** Runs that this worker trains at a time. */
  slots: number;
  /** Time for a trainer to stop as requested; then it is killed. */
  graceSeconds: number;
  /** A trainer that sends no event for so long is killed. */
  silenceSeconds: number;
  /** How long a write is retried while the database is unreachable. */
  patienceSeconds: number;
  /** Aborted when this worker shuts down: its attempts go back to the queue. */
  draining: AbortSignal;
};

export type Attempt = {
  /** Why the worker ended the attempt; undefined while it did not. */
  readonly stopped: StopReason | undefined;
  /** Aborted at the first of the stop reasons. */
  readonly stopping: AbortSignal;
  readonly superseded: boolean;
  readonly trainer: Trainer | undefined;
  /** The trainer has this run from now on: stop requests reach it. */
  assign(trainer: Trainer): void;
  /** The trainer sent an event: it is not silent. */
  heard(): void;
  /** Kill the trainer. The first reason to stop counts. */
  kill(reason: StopReason): void;
  /** Write an event; returns whether the attempt still holds its lease. Retried while the database is unreachable. */
  write(event: TrainerEvent): Promise<boolean>;
  /** The end for `stopped`. */
  stoppedEnd(reason: StopReason): LastEvent;
  /** `end`, with the reason for which it was requested, such as `paused by a user`. */
  withReason(end: LastEvent): LastEvent;
  /** Stop the heartbeat and the timers. */
  close(): Promise<void>;
};

/** Start the heartbeat and the silence timer of a claimed attempt. */
export function openAttempt(job: RunJob, { folder, resume }: TrainCommand, options: AttemptOptions): Attempt {
  const { db, attempts, store, keep, log, draining } = options;

  let stopped: StopReason | undefined;
  let requestedFor: string | undefined;
  let trainer: Trainer | undefined;
  let grace: NodeJS.Timeout | undefined;
  let meter: Promise<UsageMeter> | undefined;
  /** Its last event is being written: from the commit on a beat finds no lease, and it is the write that says who ended it. */
  let ending = false;
  const stopping = new AbortController();
  const superseded = new AbortController();
  const silence = setTimeout(() => kill('silent'), options.silenceSeconds * 1000);

  const stopFor = (reason: StopReason): void => {
    stopped ??= reason;
    stopping.abort();
  };
  const kill = (reason: StopReason): void => {
    stopFor(reason);
    if (reason === 'superseded') superseded.abort();
    trainer?.kill();
  };
  const requestStop = (cause: StopCommand['cause'], reason?: string): void => {
    if (stopped !== undefined) return;
    stopFor(cause);
    requestedFor = reason;
    trainer?.stop(cause);
    grace = setTimeout(() => trainer?.kill(), options.graceSeconds * 1000);
  };
  const preempt = (): void => requestStop('preempted');
  if (draining.aborted) preempt();
  else draining.addEventListener('abort', preempt);

  const lease = keepLease(attempts, job, {
    beatSeconds: options.beatSeconds,
    log,
    onLost: () => {
      if (!ending) kill('superseded');
    },
    onStop: ({ cause, reason }) => requestStop(cause, reason),
  });
  const usage = async () => (await meter)?.read() ?? { peakMemoryBytes: null, energyJoules: null };
  const recording = { db, attempts, store, keep, job, folder, checkpoints: resume, lease, usage, log };
  const record = createEventRecorder(recording);

  return {
    get stopped() {
      return stopped;
    },
    stopping: stopping.signal,
    get superseded() {
      return superseded.signal.aborted;
    },
    get trainer() {
      return trainer;
    },
    assign: (borrowed) => {
      trainer = borrowed;
      meter = startUsageMeter(borrowed.pid, { alone: options.slots === 1 });
    },
    heard: () => void silence.refresh(),
    kill,
    write: (event) => {
      ending = isLastEvent(event);
      return retry(() => record(event), {
        patienceMs: options.patienceSeconds * 1000,
        signal: superseded.signal,
        log,
      });
    },
    stoppedEnd: (reason) => failed({ cause: STOPPED[reason].cause, message: requestedFor ?? STOPPED[reason].message }),
    withReason: (end) =>
      end.type === 'failed' && end.cause === stopped && requestedFor !== undefined && end.message !== requestedFor
        ? { ...end, message: `${requestedFor}: ${end.message}` }
        : end,
    close: async () => {
      clearTimeout(grace);
      clearTimeout(silence);
      draining.removeEventListener('abort', preempt);
      (await meter)?.close();
      await lease.end();
    },
  };
}
