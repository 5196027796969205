import { CheckpointFile } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

/** Seconds after which a worker that claimed an inspection counts as gone. It ends one sooner itself. */
const LEASE_SECONDS = 180;
/** Workers that may end during an inspection before it fails: it may be what ends them. */
const MAX_ATTEMPTS = 2;

const Row = z.object({
  id: z.string(),
  runId: z.string(),
  attempt: z.int(),
  images: z.array(z.int()),
  picture: z.instanceof(Buffer).nullable(),
  strip: z.instanceof(Buffer).nullable(),
  checkpoint: CheckpointFile.nullable(),
});

/** An inspection to make, of the run that was trained. `strip` has the run's images; `checkpoint` is its best, null if that is gone. */
export type ClaimedInspection = z.infer<typeof Row>;

/**
 * Claims the oldest inspection that waits for at least `waited` seconds, or whose worker is gone; null if there is none. Those whose
 * workers were lost too often fail.
 */
export async function claimInspection(
  { pool }: Database,
  { waited }: { waited: number },
): Promise<ClaimedInspection | null> {
  await pool.query(
    `UPDATE inspection SET state = 'failed', message = 'the workers that inspected it were lost', finished_at = now(), picture = NULL
     WHERE state = 'running' AND claimed_at < now() - make_interval(secs => $1) AND attempt >= $2`,
    [LEASE_SECONDS, MAX_ATTEMPTS],
  );
  const [row] = await queryRows(
    pool,
    Row,
    `WITH claimed AS (
       UPDATE inspection SET state = 'running', attempt = attempt + 1, claimed_at = now()
       WHERE id = (
         SELECT id FROM inspection
         WHERE state = 'queued' AND asked_at <= now() - make_interval(secs => $1)
           OR state = 'running' AND claimed_at < now() - make_interval(secs => $2)
         ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED
       )
       RETURNING id, run_id, attempt, images, picture
     )
     SELECT claimed.id, origin.id AS "runId", claimed.attempt, claimed.images, claimed.picture,
       CASE WHEN claimed.picture IS NULL THEN pictures.png END AS strip,
       CASE WHEN best.id IS NOT NULL THEN jsonb_build_object('kind', best.kind, 'file', best.file, 'sha256', best.sha256,
         'bytes', best.bytes, 'step', best.step, 'epoch', best.epoch, 'valAccuracy', best.val_accuracy) END AS checkpoint
     FROM claimed
     CROSS JOIN LATERAL (SELECT coalesce(reused_from, id) AS id FROM run WHERE id = claimed.run_id) AS origin
     LEFT JOIN checkpoint best ON best.run_id = origin.id AND best.kind = 'best'
     LEFT JOIN inside ON inside.run_id = claimed.run_id
     LEFT JOIN inside_images pictures ON pictures.id = inside.images_id`,
    [waited, LEASE_SECONDS],
  );
  return row ?? null;
}
