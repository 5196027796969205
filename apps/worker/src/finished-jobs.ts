/** Finished jobs that the dashboard lacks, from Postgres: after a flush of Redis, or of attempts whose worker died. */
import { jobFailure, jobId, KEPT_JOBS } from '@ablate/contracts';
import { type Database, type EndedAttempt, endedAttempts } from '@ablate/db';
import { nameOf } from '@ablate/sweeps';
import type { FinishedJob, RunQueue } from './run-queue.ts';

const finishedJob = (ended: EndedAttempt): FinishedJob => ({
  ...{ runId: ended.runId, attempt: ended.attempt, name: nameOf(ended) },
  end:
    ended.cause === 'completed'
      ? {
          result: {
            validationAccuracy: ended.valAccuracy ?? 0,
            testAccuracy: ended.testAccuracy ?? 0,
            seconds: (ended.endedAt.getTime() - ended.startedAt.getTime()) / 1000,
          },
        }
      : { failure: jobFailure(ended.cause, ended.message) },
  log: [...ended.notes.map((note) => `note: ${note}`), 'the log was lost; the run has its metrics and events'],
  times: { created: ended.createdAt, started: ended.startedAt, finished: ended.endedAt },
});

/**
 * A function that adds what is missing since its last call; the first call looks at all kept jobs if Redis does not know how
 * far an earlier one came. A job that a worker still holds is tried again in the next call.
 */
export function finishedJobsKeeper(db: Database, queue: RunQueue): () => Promise<void> {
  let held: EndedAttempt[] = [];
  return async () => {
    const after = await queue.restoredUpTo();
    const ended = await endedAttempts(db, { after, ...KEPT_JOBS });
    const candidates = new Map([...held, ...ended].map((attempt) => [jobId(attempt), attempt]));
    const left = await queue.restore([...candidates.values()].map(finishedJob));
    held = left.flatMap((id) => candidates.get(id) ?? []);
    const last = ended.at(-1)?.event;
    if (last !== undefined) await queue.setRestoredUpTo(last);
  };
}
