import type { Database } from '../database.ts';

/** Events numbered by one statement at most: it holds nobody up for long. */
const BATCH = 10_000;

/**
 * Give every committed event its number, in order and without gaps, and write down which sweeps are finished by them.
 * Any process may call it, at any time: one does the work, the others return at once.
 * @returns how many events have got a number
 */
export async function numberEvents({ pool }: Database): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await pool.query<{ given: number }>('SELECT number_events($1) AS given', [BATCH]);
    const given = rows[0]?.given ?? 0;
    total += given;
    if (given < BATCH) return total;
  }
}
