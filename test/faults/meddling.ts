/** Actions of users on sweeps that are running: pause, cancel, change of priority. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '@ablate/db';
import type { Installation } from '@ablate/harness/installation';
import type { CountedRandom } from '@ablate/random';
import { type Context, cancelSweep, changeSweep, localContext, pauseSweep, Refusal, resumeSweep } from '@ablate/sweeps';

const PATIENCE_MS = 60_000;

/** Retry an action while the database is unreachable. A sweep that has just ended may refuse it. */
export async function asked(all: Installation, work: (context: Context) => Promise<unknown>): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(50)) {
    const db = openDatabase({ url: all.postgres.url(), max: 1 });
    db.pool.on('error', () => {}); // the query that meets it is rejected with the same error
    try {
      await work(localContext(db));
      return;
    } catch (error) {
      if (error instanceof Refusal) return;
      if (performance.now() > deadline) throw error;
    } finally {
      await db.close();
    }
  }
}

/** One of the running sweeps, or undefined. */
async function someSweep({ pool }: Database, random: number): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM sweep WHERE EXISTS (SELECT FROM run WHERE sweep_id = sweep.id AND state IN ('queued', 'running')) ORDER BY created_at`,
  );
  return rows[Math.floor(random * rows.length)]?.id;
}

/** Apply an action to one of the sweeps that are running at that time; returns its id. */
async function wish(
  all: Installation,
  random: CountedRandom,
  make: (context: Context, sweep: string) => Promise<unknown>,
) {
  const drawn = random.uniform();
  let sweep: string | undefined;
  await asked(all, async (context) => {
    sweep = await someSweep(context.db, drawn);
    if (sweep !== undefined) await make(context, sweep);
  });
  return sweep;
}

export async function pauseForAMoment(all: Installation, random: CountedRandom): Promise<void> {
  const ms = 200 + random.uniform() * 1_800;
  const sweep = await wish(all, random, pauseSweep);
  if (sweep === undefined) return;
  await sleep(ms);
  await asked(all, (context) => resumeSweep(context, sweep));
}

export async function cancel(all: Installation, random: CountedRandom): Promise<void> {
  await wish(all, random, cancelSweep);
}

/** Cancels a sweep while its pause sends its runs back to the queue. */
export async function pauseThenCancel(all: Installation, random: CountedRandom): Promise<void> {
  const ms = random.uniform() * 600;
  const sweep = await wish(all, random, pauseSweep);
  if (sweep === undefined) return;
  await sleep(ms);
  await asked(all, (context) => cancelSweep(context, sweep));
}

export async function changePriority(all: Installation, random: CountedRandom): Promise<void> {
  const priority = random.integer(11) - 5;
  await wish(all, random, (context, sweepId) => changeSweep(context, { sweepId, priority }));
}
