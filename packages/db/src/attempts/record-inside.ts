import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** A file with its SHA-256. */
type StoredBytes = { bytes: Buffer; sha256: string };

/** What a model looks at, and the pictures from left to right. */
export type StoredInside = { maps: StoredBytes; images: StoredBytes };

/**
 * Records what the model of an attempt looks at; that of an earlier attempt is replaced. False, with nothing written, if the attempt is no
 * longer held.
 */
export async function recordInside(
  { pool }: Database,
  { runId, attempt, inside: { maps, images } }: RunJob & { inside: StoredInside },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH held AS MATERIALIZED (
       SELECT id FROM run WHERE id = $1 AND attempt = $2 AND state = 'running' FOR SHARE
     ), pictures AS (
       INSERT INTO inside_images (id, png) SELECT $3, $4 FROM held ON CONFLICT (id) DO UPDATE SET used_at = now()
     )
     INSERT INTO inside (run_id, attempt, images_id, sha256, data) SELECT held.id, $2, $3, $5, $6 FROM held
     ON CONFLICT (run_id) DO UPDATE SET attempt = excluded.attempt, images_id = excluded.images_id, sha256 = excluded.sha256,
       data = excluded.data, created_at = now()`,
    [runId, attempt, images.sha256, images.bytes, maps.sha256, maps.bytes],
  );
  return rowCount === 1;
}
