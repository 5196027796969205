import type { Database } from '../database.ts';

/** Advisory lock of the one process that dispatches, reaps and reconciles. */
const LEADER_LOCK = 4_711_002;

export type Leadership = {
  /** Whether the lock is still ours: its connection answers. Once false, always false. */
  held(): Promise<boolean>;
  release(): Promise<void>;
};

/**
 * Become the leader, or null while somebody else is. The lead takes one connection of the pool until it is released.
 * A leader that is frozen must not stand in the way: the server ends its session after `frozenSeconds` without a word, so
 * ask `held` more often than that.
 */
export async function tryLead({ pool }: Database, { frozenSeconds = 10 } = {}): Promise<Leadership | null> {
  const client = await pool.connect();
  let lost: Error | undefined;
  let released = false;
  const lose = (error: Error): void => {
    lost ??= error;
  };
  client.on('error', lose);

  const giveBack = (): void => {
    if (released) return;
    released = true;
    client.off('error', lose);
    client.release(lost);
  };
  const ask = async (text: string): Promise<boolean> => {
    if (lost !== undefined) giveBack(); // the pool could not be closed while it counts a dead connection as used
    if (released) return false;
    try {
      const { rows } = await client.query<{ yes: boolean }>(text);
      return rows[0]?.yes ?? false;
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)));
      return false;
    } finally {
      if (lost !== undefined) giveBack();
    }
  };

  if (!(await ask(`SELECT pg_try_advisory_lock(${LEADER_LOCK}) AS yes`))) {
    giveBack();
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
      giveBack();
    },
  };
}
