import type { Database } from '../database.ts';
import type { ClaimedInspection } from './claim-inspection.ts';

type Ended = { sha256: string; data: Uint8Array } | { message: string };

/** Records how an inspection ended. False, with nothing written, if another worker has claimed it since. */
export async function finishInspection(
  { pool }: Database,
  { id, attempt }: Pick<ClaimedInspection, 'id' | 'attempt'>,
  ended: Ended,
): Promise<boolean> {
  const [state, message, sha256, data] =
    'message' in ended ? ['failed', ended.message, null, null] : ['done', null, ended.sha256, Buffer.from(ended.data)];
  const { rowCount } = await pool.query(
    `UPDATE inspection SET state = $3, message = $4, sha256 = $5, data = $6, finished_at = now(), picture = NULL
     WHERE id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, state, message, sha256, data],
  );
  return rowCount === 1;
}
