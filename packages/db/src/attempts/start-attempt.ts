import type { TrainerEvent } from '@ablate/contracts';
import type { Database } from '../database.ts';

export type Started = Omit<Extract<TrainerEvent, { type: 'started' }>, 'type'>;

/** Write down what an attempt trains, on what and with what. False once the attempt is not held any more. */
export async function startAttempt(
  { pool }: Database,
  started: { runId: string; attempt: number } & Started,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH held AS (SELECT id FROM run WHERE id = $1 AND attempt = $2 AND state = 'running' FOR SHARE)
     UPDATE attempt SET total_steps = $3, epochs = $4, parameters = $5, dataset_hash = $6, resumed_from = $7,
       compiled = $8, notes = $9, environment = $10
     FROM held WHERE attempt.run_id = held.id AND attempt.number = $2`,
    [
      started.runId,
      started.attempt,
      started.totalSteps,
      started.epochs,
      started.parameters,
      started.datasetHash,
      started.resumedFrom,
      started.compiled,
      started.notes,
      JSON.stringify(started.environment),
    ],
  );
  return rowCount === 1;
}
