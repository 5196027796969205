import type { RunResult } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { finite } from './finite.ts';

/**
 * Complete a run with its final figures: the run succeeded. False, and nothing written, once the attempt is not held any
 * more. Asked again by the attempt that completed the run, it is true again.
 */
export async function finishRun(
  { pool }: Database,
  { runId, attempt, result }: { runId: string; attempt: number; result: RunResult },
): Promise<boolean> {
  const { rows } = await pool.query<{ completed: boolean }>(
    `WITH finished AS (
       UPDATE run SET state = 'succeeded', cause = 'completed', finished_at = now(), val_accuracy = $3, val_loss = $4,
         train_accuracy = $5, test_accuracy = $6, test_loss = $7, best_epoch = $8, samples_per_second = $9
       WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING id
     ), ended AS (
       UPDATE attempt SET cause = 'completed', ended_at = now() FROM finished WHERE run_id = finished.id AND number = $2
     )
     SELECT EXISTS (SELECT FROM finished)
       OR EXISTS (SELECT FROM attempt WHERE run_id = $1 AND number = $2 AND cause = 'completed') AS completed`,
    [
      runId,
      attempt,
      result.valAccuracy,
      finite(result.valLoss),
      result.trainAccuracy,
      result.testAccuracy,
      finite(result.testLoss),
      result.bestEpoch,
      result.samplesPerSecond,
    ],
  );
  return rows[0]?.completed ?? false;
}
