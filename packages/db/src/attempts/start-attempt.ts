import { RunJob, type TrainerEvent } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

export type Started = Omit<Extract<TrainerEvent, { type: 'started' }>, 'type'>;

const STATEMENT = `
  WITH held AS MATERIALIZED (
    SELECT run.id, asked.* FROM jsonb_to_recordset($1) AS asked(
      "runId" uuid, attempt integer, "totalSteps" integer, epochs integer, parameters bigint, "datasetHash" text,
      "resumedFrom" integer, compiled boolean, notes jsonb, environment jsonb)
    JOIN run ON run.id = asked."runId" AND run.attempt = asked.attempt AND run.state = 'running'
    ORDER BY run.id FOR SHARE OF run
  )
  UPDATE attempt SET total_steps = held."totalSteps", epochs = held.epochs, parameters = held.parameters,
    dataset_hash = held."datasetHash", resumed_from = held."resumedFrom", compiled = held.compiled,
    notes = ARRAY(SELECT jsonb_array_elements_text(held.notes)), environment = held.environment
  FROM held WHERE attempt.run_id = held.id AND attempt.number = held.attempt
  RETURNING attempt.run_id AS "runId", attempt.number AS attempt`;

/** Records what attempts train, on which data and in which environment, in one statement. False for each that is no longer held. */
export async function startAttempts({ pool }: Database, started: readonly (RunJob & Started)[]): Promise<boolean[]> {
  const rows = await queryRows(pool, RunJob, {
    name: 'start-attempts',
    text: STATEMENT,
    values: [JSON.stringify(started)],
  });
  return started.map(({ runId, attempt }) => rows.some((row) => row.runId === runId && row.attempt === attempt));
}

/** `startAttempts` for one attempt. */
export async function startAttempt(db: Database, started: RunJob & Started): Promise<boolean> {
  const [held] = await startAttempts(db, [started]);
  return held ?? false;
}
