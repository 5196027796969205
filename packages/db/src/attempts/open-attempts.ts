import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { grouped } from '../grouped.ts';
import { type Beat, beat, type Heard } from './beat.ts';
import { type Claim, claimRuns } from './claim-run.ts';
import { type Finish, finishRuns } from './finish-run.ts';
import { type MetricsWrite, recordAllMetrics } from './record-metrics.ts';
import { type Started, startAttempts } from './start-attempt.ts';

/** What a worker does to its attempts all the time. Each is fenced by itself, whoever is written along with it. */
export type Attempts = {
  claim(asked: RunJob & { worker: string }): Promise<Claim | null>;
  start(started: RunJob & Started): Promise<boolean>;
  beat(beat: Beat): Promise<Heard>;
  recordMetrics(write: MetricsWrite): Promise<boolean>;
  finish(finish: Finish): Promise<boolean>;
};

/** Attempts written together at most. */
const MOST = 64;

/** The verbs for one attempt; what several slots want at once goes into one statement. */
export const openAttempts = (db: Database): Attempts => ({
  claim: grouped((asked) => claimRuns(db, asked), { most: MOST }),
  start: grouped((started) => startAttempts(db, started), { most: MOST }),
  // By itself: a lease must not wait for what holds another one up.
  beat: (one) => beat(db, one),
  recordMetrics: grouped((writes) => recordAllMetrics(db, writes), { most: MOST }),
  finish: grouped((finishes) => finishRuns(db, finishes), { most: MOST }),
});
