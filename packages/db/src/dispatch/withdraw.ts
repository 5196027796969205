import type pg from 'pg';

/**
 * Take back from the queue what of these runs nobody has claimed: their jobs find nothing to do any more. Within a
 * transaction that holds the dispatch lock; runs are locked before their outbox rows, as everywhere.
 */
export async function withdraw(client: pg.PoolClient, where: 'sweep_id' | 'run_id', id: string): Promise<void> {
  await client.query(
    `SELECT FROM run WHERE id IN (SELECT run_id FROM outbox WHERE ${where} = $1 AND dispatched_at IS NOT NULL)
     ORDER BY id FOR UPDATE`,
    [id],
  );
  await client.query(`UPDATE outbox SET dispatched_at = NULL WHERE ${where} = $1 AND dispatched_at IS NOT NULL`, [id]);
}
