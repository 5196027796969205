import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { grouped } from '../grouped.ts';
import { type Beat, type BeatAnswer, beat } from './beat.ts';
import { type Claim, claimRuns } from './claim-run.ts';
import { type Finish, finishRuns } from './finish-run.ts';
import { type MetricsWrite, recordAllMetrics } from './record-metrics.ts';
import { type Started, startAttempts } from './start-attempt.ts';

/** What a worker writes of its attempts. Each attempt is fenced by itself, also if several are written by one statement. */
export type Attempts = {
  claim(asked: RunJob & { worker: string }): Promise<Claim | null>;
  start(started: RunJob & Started): Promise<boolean>;
  beat(beat: Beat): Promise<BeatAnswer>;
  recordMetrics(write: MetricsWrite): Promise<boolean>;
  finish(finish: Finish): Promise<boolean>;
};

/** Most attempts written by one statement. */
const MAX_GROUP = 64;

/** The verbs for one attempt. Concurrent calls of several slots share a statement. */
export const openAttempts = (db: Database): Attempts => ({
  claim: grouped((asked) => claimRuns(db, asked), { max: MAX_GROUP }),
  start: grouped((started) => startAttempts(db, started), { max: MAX_GROUP }),
  // Never grouped: a lease must not wait for another one.
  beat: (one) => beat(db, one),
  recordMetrics: grouped((writes) => recordAllMetrics(db, writes), { max: MAX_GROUP }),
  finish: grouped((finishes) => finishRuns(db, finishes), { max: MAX_GROUP }),
});
