import { Cause, RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { BigInteger, queryRows } from '../rows.ts';
import { JobParts } from './job-parts.ts';

const Row = RunJob.extend(JobParts.shape).extend({
  event: BigInteger,
  cause: Cause,
  message: z.string().nullable(),
  notes: z.array(z.string()),
  createdAt: z.date(),
  startedAt: z.date(),
  endedAt: z.date(),
  valAccuracy: z.number().nullable(),
  testAccuracy: z.number().nullable(),
});
/** An attempt that has ended. Its run has accuracies only if the cause is `completed`. */
export type EndedAttempt = z.infer<typeof Row>;

/** Events that are searched at most, which bounds the work for a log of any length. */
const MAX_EVENTS = 100_000;

/**
 * Attempts whose end has a number in the event log above `after`, oldest first: of those that completed, and of the others,
 * at most the newest `count` of the last `age` seconds.
 */
export const endedAttempts = (
  { pool }: Database,
  { after, count, age }: { after: number; count: number; age: number },
): Promise<EndedAttempt[]> =>
  queryRows(
    pool,
    Row,
    `WITH recent AS (
       SELECT number, run_id, attempt, cause = 'completed' AS completed FROM event
       WHERE subject = 'attempt' AND state = 'ended' AND cause IS NOT NULL AND at > now() - make_interval(secs => $3)
         AND number > greatest($1::bigint, (SELECT max(number) FROM event) - ${MAX_EVENTS})
     ), newest AS (
       (SELECT * FROM recent WHERE completed ORDER BY number DESC LIMIT $2)
       UNION ALL
       (SELECT * FROM recent WHERE NOT completed ORDER BY number DESC LIMIT $2)
     )
     SELECT newest.number AS event, newest.run_id AS "runId", newest.attempt, sweep.name AS sweep, config.axes, run.seed,
       attempt.cause, attempt.message, attempt.notes, run.created_at AS "createdAt", attempt.started_at AS "startedAt",
       attempt.ended_at AS "endedAt", run.val_accuracy AS "valAccuracy", run.test_accuracy AS "testAccuracy"
     FROM newest JOIN attempt ON attempt.run_id = newest.run_id AND attempt.number = newest.attempt
     JOIN run ON run.id = newest.run_id JOIN config ON config.id = run.config_id JOIN sweep ON sweep.id = run.sweep_id
     WHERE attempt.ended_at IS NOT NULL AND attempt.cause IS NOT NULL ORDER BY newest.number`,
    [after, count, age],
  );
