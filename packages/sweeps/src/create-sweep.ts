import { variesWords } from '@ablate/answers';
import { drawnBy, isDeciding, namesConfigsFirst, Spec, type SweepView } from '@ablate/contracts';
import { inTransaction, queryRows } from '@ablate/db';
import type { Point } from '@ablate/search';
import type pg from 'pg';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';
import { allQueued, SWEEP_COLUMNS, SweepRow, sweepView } from './sweep-view.ts';
import { writeConfigs } from './write-configs.ts';

/** The client's key for a submission, and the canonical hash of its spec: the same key and spec are the same sweep. */
export type Submission = {
  key: string;
  specHash: string;
  /** Whether a stored spec with another hash gives the same sweep. Without it, it does not. */
  meansTheSame?: (stored: unknown) => Promise<boolean>;
};

type NewSweep = { spec: Spec; points: readonly Point[]; submission?: Submission };

/** Writes the rows of a sweep in a transaction. Null if another submission with its key was first. */
export async function writeSweep(
  client: pg.PoolClient,
  { spec, points, submission }: NewSweep,
): Promise<SweepView | null> {
  // Large sweeps are sorted in memory, and compiling their simple plans costs more than it saves.
  await client.query(`SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`);
  await client.query('INSERT INTO owner (name) VALUES ($1) ON CONFLICT DO NOTHING', [spec.owner]);
  const [sweep] = await queryRows(
    client,
    SweepRow,
    `INSERT INTO sweep (name, spec, owner, priority, max_running, device_hours, idempotency_key, spec_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (idempotency_key) DO NOTHING
     RETURNING ${SWEEP_COLUMNS}`,
    [
      spec.name,
      JSON.stringify(spec),
      spec.owner,
      spec.priority,
      spec.limits.running ?? null,
      spec.budget.deviceHours ?? null,
      submission?.key ?? null,
      submission?.specHash ?? null,
    ],
  );
  if (sweep === undefined) return null; // another submission with this key was first
  await client.query('INSERT INTO sweep_summary (sweep_id, varies) VALUES ($1, $2)', [
    sweep.id,
    variesWords(spec, { configs: drawnBy(spec.search) ?? points.length }),
  ]);
  if (namesConfigsFirst(spec.search)) await writeConfigs(client, sweep.id, { from: 0, points });
  if (isDeciding(spec.search)) {
    await client.query('UPDATE sweep SET searching = true WHERE id = $1', [sweep.id]);
    return sweepView(sweep, allQueued(0));
  }
  const { rowCount: runs } = await client.query(
    `WITH written AS (
       INSERT INTO run (id, sweep_id, config_id, position, seed)
       SELECT ordered_id(), $1, config.id, row_number() OVER (ORDER BY seed.number, config.position) - 1, seed.value
       FROM config CROSS JOIN unnest($2::integer[]) WITH ORDINALITY AS seed(value, number)
       WHERE config.sweep_id = $1
       ORDER BY seed.number, config.position
       RETURNING id, sweep_id, position
     )
     INSERT INTO outbox (run_id, attempt, sweep_id, position) SELECT id, 1, sweep_id, position FROM written`,
    [sweep.id, spec.seeds],
  );
  return sweepView(sweep, allQueued(runs ?? 0));
}

/**
 * Writes a sweep with its owner, configs, runs and outbox, all or nothing. Runs are ordered
 * seed by seed, so that a sweep that is cut short has trained every config equally often. Of concurrent submissions with one
 * key the first writes, and all return the same sweep. Refuses (`key_reused`) a key that was used for a different spec.
 */
export async function createSweep(context: Context, sweep: NewSweep): Promise<SweepView> {
  const { submission } = sweep;
  const written = await inTransaction(context.db, (client) => writeSweep(client, sweep));
  const found = written ?? (submission && (await findSubmission(context, submission)));
  if (!found) throw new Error('a sweep was neither written nor found');
  return found;
}

const SubmittedRow = SweepRow.extend({
  spec: Spec.pick({ priority: true, limits: true, budget: true }).loose(),
  specHash: z.string().nullable(),
  runs: z.int(),
});

/**
 * The sweep of an earlier submission with this key, as it was when it was submitted; undefined if there is none.
 * Refuses (`key_reused`) a key that was used for a different spec.
 */
export async function findSubmission(
  { db }: Context,
  { key, specHash, meansTheSame }: Submission,
): Promise<SweepView | undefined> {
  const [sweep] = await queryRows(
    db.pool,
    SubmittedRow,
    `SELECT ${SWEEP_COLUMNS}, spec, spec_hash AS "specHash",
       (SELECT count(*)::integer FROM run WHERE sweep_id = sweep.id) AS runs
     FROM sweep WHERE idempotency_key = $1`,
    [key],
  );
  if (sweep === undefined) return undefined;
  const isSame = sweep.specHash === specHash || (await meansTheSame?.(sweep.spec)) === true;
  if (!isSame) throw refusal.keyReused(sweep.id);
  const { priority, limits, budget } = sweep.spec;
  const asSubmitted = {
    ...{ priority, maxRunning: limits.running ?? null, deviceHours: budget.deviceHours ?? null },
    ...{ pausedAt: null, cancelledAt: null },
  };
  return sweepView({ ...sweep, ...asSubmitted }, allQueued(sweep.runs));
}
