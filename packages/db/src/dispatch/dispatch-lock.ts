import type pg from 'pg';

/** Advisory lock of every transaction that decides what may run: one at a time, even if two processes believe that they lead. */
const DISPATCH_LOCK = 4_711_004;

/** Takes the lock until the transaction ends. The next holder sees what this transaction decided. */
export async function lockDispatch(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [DISPATCH_LOCK]);
}
