import type { CheckpointView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { findCheckpoint } from './find-checkpoint.ts';

/** Keep a checkpoint whatever comes, or let go of it again. Refuses (`not_found`) an id that is none. */
export async function pinCheckpoint(
  db: Database,
  { id, pinned }: { id: string; pinned: boolean },
): Promise<CheckpointView> {
  const value = pinned ? 'coalesce(pinned_at, now())' : 'NULL';
  for (;;) {
    await db.pool.query(
      `WITH now_ones AS (UPDATE checkpoint SET pinned_at = ${value} WHERE id = $1)
       UPDATE past_checkpoint SET pinned_at = ${value} WHERE id = $1`,
      [id],
    );
    const { file: _, ...view } = await findCheckpoint(db, id);
    // Otherwise a newer one took its place in that moment, and it is now among those before.
    if (view.pinned === pinned) return view;
  }
}
