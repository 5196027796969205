/** Writes what a search decided, with the configs and runs that follow from it, all or nothing. */
import { type Decision, entryKind } from '@ablate/contracts';
import { HELD, inTransaction, pruneRuns, queryRows } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { writeConfigs } from '../write-configs.ts';
import type { NewEntry } from './decide-task.ts';

type Train = Extract<Decision, { kind: 'train' }> & { number: number };

/** The config and the run that an entry names, if it names one. */
function named({ entry }: NewEntry): { config: number | null; run: number | null } {
  if ('result' in entry) return { config: null, run: entry.result.run };
  if ('tell' in entry) return { config: entry.tell.config, run: null };
  if ('limit' in entry || 'ask' in entry) return { config: null, run: null };
  const { decision } = entry;
  if (decision.kind === 'train') return { config: decision.config, run: decision.run };
  return { config: decision.kind === 'config' || decision.kind === 'stop' ? decision.config : null, run: null };
}

const Position = z.object({ position: z.int() });
const Open = z.object({ entries: z.int() });

/** Runs that start, and runs that go on from where they wait. */
async function writeRuns(client: pg.PoolClient, sweepId: string, trains: readonly Train[]): Promise<void> {
  const given = JSON.stringify(
    trains.map(({ run, config, seed, epochs, number, fork }) => ({
      ...{ run, config, seed, epochs, number },
      ...(fork && { from: fork.run, after: fork.epochs }),
    })),
  );
  const asks = trains.map(({ run }) => run);
  // Those from which others start, too: their checkpoints stay meanwhile.
  const known = await queryRows(
    client,
    Position,
    `SELECT position FROM run WHERE sweep_id = $1 AND position = ANY($2::integer[]) ORDER BY id FOR UPDATE`,
    [sweepId, [...asks, ...trains.flatMap(({ fork }) => fork?.run ?? [])]],
  );
  const positions = known.map(({ position }) => position).filter((position) => asks.includes(position));
  // An attempt that was lost after the best epoch was saved leaves no `last` checkpoint of it; both hold all that is trained.
  // A limit at the end of the training is none.
  const until = `CASE WHEN given.epochs < (config.config #>> '{train,epochs}')::integer THEN given.epochs END`;
  const asked = `jsonb_to_recordset($2) AS given(run integer, config integer, seed integer, epochs integer, number integer, "from" integer, after integer)
    JOIN config ON config.sweep_id = $1 AND config.position = given.config`;
  await client.query(
    `WITH written AS (
       INSERT INTO run (id, sweep_id, config_id, position, seed, until_epoch, forked_from, forked_epoch, forked_checkpoint)
       SELECT ordered_id(), $1, config.id, given.run, given.seed, ${until}, other.id, given.after, checkpoint.id
       FROM ${asked}
       LEFT JOIN run other ON other.sweep_id = $1 AND other.position = given."from"
       LEFT JOIN LATERAL (
         SELECT id FROM checkpoint WHERE run_id = other.id AND epoch = given.after ORDER BY kind DESC LIMIT 1
       ) checkpoint ON true
       WHERE given.run <> ALL($3::integer[]) ORDER BY given.number
       RETURNING id, sweep_id, position
     )
     INSERT INTO outbox (run_id, attempt, sweep_id, position) SELECT id, 1, sweep_id, position FROM written`,
    [sweepId, given, positions],
  );
  await client.query(
    `INSERT INTO awaited (sweep_id, number, run)
     SELECT $1, number, run FROM jsonb_to_recordset($2) AS given(number integer, run integer)`,
    [sweepId, given],
  );
  if (positions.length === 0) return;
  await client.query(
    `UPDATE run SET until_epoch = ${until}, message = NULL
     FROM ${asked} WHERE run.sweep_id = $1 AND run.position = given.run AND given.run = ANY($3::integer[]) AND run.state = 'queued'`,
    [sweepId, given, positions],
  );
  await client.query(
    `UPDATE outbox SET held = ${HELD} FROM run
     WHERE run.sweep_id = $1 AND run.position = ANY($2::integer[]) AND outbox.run_id = run.id`,
    [sweepId, positions],
  );
}

/** The key of an ask, and the canonical hash of the ask. */
export type AskKey = { key: string; request: string };

/** The number of the config that entries name, of which an ask has one. @throws if there is none */
export function namedConfig(entries: readonly NewEntry[]): number {
  for (const { entry } of entries)
    if ('decision' in entry && entry.decision.kind === 'config') return entry.decision.config;
  throw new Error('a search that was asked for a config names none');
}

/**
 * Commits entries after the first `after` of a sweep's history. Writes nothing, and returns false, if the history has grown meanwhile, the
 * search has ended or the sweep was cancelled.
 * @param asked the key of the ask that the entries answer
 */
export const commitEntries = (
  { db }: Context,
  {
    sweepId,
    after,
    entries,
    asked,
  }: { sweepId: string; after: number; entries: readonly NewEntry[]; asked?: AskKey | undefined },
): Promise<boolean> =>
  inTransaction(db, async (client) => {
    const { rowCount } = await client.query(
      'SELECT FROM sweep WHERE id = $1 AND searching AND cancelled_at IS NULL FOR UPDATE',
      [sweepId],
    );
    if (rowCount === 0) return false;
    // A statement of its own: it sees what the transaction wrote that held the lock before.
    const [open] = await queryRows(
      client,
      Open,
      'SELECT coalesce(max(number) + 1, 0) AS entries FROM decision WHERE sweep_id = $1',
      [sweepId],
    );
    if (open?.entries !== after) return false;
    const numbered = entries.map((one, i) => ({ ...one, number: after + i }));
    await client.query(
      `INSERT INTO decision (sweep_id, number, kind, config, run, entry, inputs)
       SELECT $1, number, kind, config, run, entry, inputs
       FROM jsonb_to_recordset($2) AS given(number integer, kind text, config integer, run integer, entry jsonb, inputs text)`,
      [
        sweepId,
        JSON.stringify(
          numbered.map((one) => ({
            ...{ number: one.number, kind: entryKind(one.entry), ...named(one) },
            ...{ entry: one.entry, inputs: one.inputs },
          })),
        ),
      ],
    );
    if (asked)
      await client.query('INSERT INTO ask_key (sweep_id, key, request, trial) VALUES ($1, $2, $3, $4)', [
        sweepId,
        asked.key,
        asked.request,
        namedConfig(entries),
      ]);
    const results = entries.flatMap(({ entry }) => ('result' in entry ? [entry.result.run] : []));
    if (results.length > 0)
      await client.query('DELETE FROM awaited WHERE sweep_id = $1 AND run = ANY($2::integer[])', [sweepId, results]);
    const decisions = numbered.flatMap(({ entry, number, point }) =>
      'decision' in entry ? [{ decision: entry.decision, number, point }] : [],
    );
    const points = decisions.flatMap(({ point }) => (point ? [point] : []));
    const first = decisions.find(({ point }) => point)?.decision;
    if (first?.kind === 'config') await writeConfigs(client, sweepId, { from: first.config, points });
    const trains = decisions.flatMap(({ decision, number }) =>
      decision.kind === 'train' ? [{ ...decision, number }] : [],
    );
    if (trains.length > 0) await writeRuns(client, sweepId, trains);
    const kinds = new Set(decisions.map(({ decision }) => decision.kind));
    if (kinds.has('finish')) {
      await pruneRuns(client, sweepId);
      await client.query('UPDATE sweep SET searching = false WHERE id = $1', [sweepId]);
    } else if (kinds.has('confirm')) await pruneRuns(client, sweepId, { waiting: true });
    return true;
  });
