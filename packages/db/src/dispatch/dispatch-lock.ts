import type pg from 'pg';

/** Advisory lock of whoever decides what may run: one transaction at a time, even where two processes believe that they lead. */
const DISPATCH_LOCK = 4_711_004;

/** Hold until the transaction ends: whoever comes next sees what it decided. */
export async function lockDispatch(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [DISPATCH_LOCK]);
}
