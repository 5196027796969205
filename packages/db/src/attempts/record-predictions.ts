import { createHash } from 'node:crypto';
import type { PredictionFile, RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** What a model said of each image of a split. Classes take `width` bytes, big-endian. */
export type StoredPredictions = Pick<PredictionFile, 'split' | 'images' | 'width'> & {
  classes: readonly string[];
  labels: Buffer;
  /** The images within their set; null for all of them, in order. */
  indices: readonly number[] | null;
  /** Predicted classes, then confidences of one byte, then ranks of the true class. */
  data: Buffer;
};

/** Identifies the images and their labels: runs on the same data share a row. */
const imageSetId = ({ split, images, width, classes, labels, indices }: StoredPredictions): string =>
  createHash('sha256')
    .update(JSON.stringify([split, images, width, classes, indices]))
    .update(labels)
    .digest('hex');

/**
 * Records the predictions of an attempt; those of an earlier attempt are replaced. False, with nothing written, if the attempt is no longer
 * held.
 */
export async function recordPredictions(
  { pool }: Database,
  { runId, attempt, predictions }: RunJob & { predictions: StoredPredictions },
): Promise<boolean> {
  const { split, images, width, classes, labels, indices, data } = predictions;
  const { rowCount } = await pool.query(
    `WITH held AS MATERIALIZED (
       SELECT id FROM run WHERE id = $1 AND attempt = $2 AND state = 'running' FOR SHARE
     ), images AS (
       INSERT INTO image_set (id, split, images, width, classes, labels, indices)
       SELECT $4, $3, $5, $6, $7, $8, $9 FROM held
       ON CONFLICT (id) DO UPDATE SET used_at = now()
     )
     INSERT INTO prediction (run_id, split, attempt, image_set_id, data) SELECT held.id, $3, $2, $4, $10 FROM held
     ON CONFLICT (run_id, split) DO UPDATE SET attempt = excluded.attempt, image_set_id = excluded.image_set_id, data = excluded.data,
       created_at = now()`,
    [runId, attempt, split, imageSetId(predictions), images, width, classes, labels, indices, data],
  );
  return rowCount === 1;
}
