import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

/** Advisory lock of the one process that dispatches, reaps and reconciles. */
const LEADER_LOCK = 4_711_002;

export type Leadership = {
  /** Whether this process still holds the lock, that is, whether its connection answers. Once false, always false. */
  held(): Promise<boolean>;
  release(): Promise<void>;
};

const Row = z.object({ yes: z.boolean() });

/**
 * Becomes the leader; null if another process leads. Leading uses one connection of the pool until it is released.
 * The server ends the session of a leader that is idle for `frozenSeconds`: call `held` more often than that.
 */
export async function tryLead({ pool }: Database, { frozenSeconds = 10 } = {}): Promise<Leadership | null> {
  const client = await pool.connect();
  let lost: Error | undefined;
  let released = false;
  const lose = (error: Error): void => {
    lost ??= error;
  };
  client.on('error', lose);

  const releaseClient = (): void => {
    if (released) return;
    released = true;
    client.off('error', lose);
    client.release(lost);
  };
  const ask = async (text: string): Promise<boolean> => {
    if (lost !== undefined) releaseClient(); // the pool cannot be closed while a dead connection counts as used
    if (released) return false;
    try {
      const [row] = await queryRows(client, Row, text);
      return row?.yes ?? false;
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)));
      return false;
    } finally {
      if (lost !== undefined) releaseClient();
    }
  };

  if (!(await ask(`SELECT pg_try_advisory_lock(${LEADER_LOCK}) AS yes`))) {
    releaseClient();
    return null;
  }
  const timeout = (seconds: number) =>
    `SELECT set_config('idle_session_timeout', '${Math.ceil(seconds * 1000)}', false) IS NOT NULL AS yes`;
  await ask(timeout(frozenSeconds));
  return {
    held: () => ask('SELECT true AS yes'),
    release: async () => {
      await ask(`SELECT pg_advisory_unlock(${LEADER_LOCK}) AS yes`);
      await ask(timeout(0));
      releaseClient();
    },
  };
}
