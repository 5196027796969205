/** BullMQ jobs: their data, and what the dashboard at `/queues` shows of them. Postgres holds everything else. */
import { z } from 'zod';
import type { Cause } from './states.ts';

export const RUN_QUEUE = 'runs';

/** Prefix of the queue's keys in Redis: installations, each with a database of its own, may share a Redis. */
export const queuePrefix = (installationId: string): string => `ablate:${installationId}`;

export const RunJob = z.strictObject({ runId: z.uuid(), attempt: z.int32().min(1) });
export type RunJob = z.infer<typeof RunJob>;

/** BullMQ's job id: unique for each attempt, so that a retained old job does not block a new one. */
export const jobId = ({ runId, attempt }: RunJob): string => `${runId}-${attempt}`;

/** A job with its name on the dashboard. */
export type NamedJob = RunJob & { name: string };

/** Finished jobs that the dashboard shows: the newest of each kind. Older ones are in Postgres only. */
export const KEPT_JOBS = { count: 1_000, age: 86_400 } as const;
/** Lines of a job's log that are kept, and the longest line and name, in characters: they bound the memory of Redis. */
export const KEPT_LOG_LINES = 100;
const [MAX_LINE, MAX_NAME] = [500, 200];

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${[...text.slice(0, length - 1)].slice(0, -1).join('')}…`;

/** A line of a job's log, of bounded length. */
export const logLine = (line: string): string => cut(line, MAX_LINE);

/** `first run · patchSize 4 · seed 1`, with the number of the attempt after the first. */
export const jobName = (
  { attempt }: RunJob,
  { sweep, point, seed }: { sweep: string; point: string; seed: number },
): string =>
  [cut(`${sweep} · ${point}`, MAX_NAME), `seed ${seed}`, ...(attempt > 1 ? [`attempt ${attempt}`] : [])].join(' · ');

/** The progress of an active job. The dashboard draws `progress`, in percent, as a circle. */
export type JobProgress = {
  progress: number;
  epoch: string;
  loss: number | null;
  validationAccuracy: number | null;
  /** What the trainer does between steps. */
  stage?: string;
};

/** The result of a completed job. Accuracies are shares between 0 and 1. */
export type JobResult = { validationAccuracy: number; testAccuracy: number; seconds: number };

/** How an attempt ended, as the dashboard shows it. */
export type JobEnd = { result: JobResult } | { failure: string };

/** The cause and the message of an attempt without a result. */
export const jobFailure = (cause: Cause, message: string | null): string =>
  cut(message === null || message === '' ? cause : `${cause}: ${message}`, 4 * MAX_LINE);
