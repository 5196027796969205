import { augmentHash, augmentName, Spec, type SweepView } from '@ablate/contracts';
import { inTransaction, queryRows } from '@ablate/db';
import { modelCost } from '@ablate/models/count';
import type { Point } from '@ablate/search';
import { z } from 'zod';
import type { Context } from './context.ts';
import { allQueued, SWEEP_COLUMNS, SweepRow, sweepView } from './find-sweep.ts';
import { refusal } from './refusal.ts';

/** The client's key for a submission, and the canonical hash of its spec: the same key and spec are the same sweep. */
export type SubmissionKey = { key: string; specHash: string };

/** The augmentation hash of each point. A sweep has few augmentations and may have many points: each is hashed once. */
function augmentHashes(points: readonly Point[]): string[] {
  const known = new Map<string, string>();
  return points.map(({ config: { augment } }) => {
    const text = JSON.stringify(augment);
    const hash = known.get(text) ?? augmentHash(augment);
    known.set(text, hash);
    return hash;
  });
}

type Counted = { parameters: number; macs: number };

/** Parameters and multiply-accumulates of each point's model. Points that differ in training share a model: each is counted once. */
function modelCosts(points: readonly Point[]): Counted[] {
  const known = new Map<string, Counted>();
  return points.map(({ config: { model } }) => {
    const text = JSON.stringify(model);
    const cost = known.get(text) ?? modelCost(model);
    known.set(text, cost);
    return cost;
  });
}

/**
 * Writes a sweep with its owner, configs, runs and outbox, all or nothing, in a fixed number of statements. Runs are ordered
 * seed by seed, so that a sweep that is cut short has trained every config equally often. Of concurrent submissions with one
 * key the first writes, and all return the same sweep. Refuses (`key_reused`) a key that was used for a different spec.
 */
export async function createSweep(
  context: Context,
  { spec, points, submission }: { spec: Spec; points: readonly Point[]; submission?: SubmissionKey },
): Promise<SweepView> {
  const written = await inTransaction(context.db, async (client) => {
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
    const augments = augmentHashes(points);
    const costs = modelCosts(points);
    await client.query(
      `INSERT INTO config (sweep_id, position, hash, config, axes, augment, augment_hash, parameters, macs)
       SELECT $1, point.number - 1, point.hash, point.config::jsonb, point.axes::jsonb, point.augment, point.augment_hash,
         point.parameters, point.macs
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
         WITH ORDINALITY AS point(hash, config, axes, augment, augment_hash, parameters, macs, number)`,
      [
        sweep.id,
        points.map(({ hash }) => hash),
        points.map(({ config }) => JSON.stringify(config)),
        points.map(({ axes }) => JSON.stringify(axes)),
        augments.map(augmentName),
        augments,
        costs.map(({ parameters }) => parameters),
        costs.map(({ macs }) => Math.round(macs)),
      ],
    );
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
  });
  const sweep = written ?? (submission && (await findSubmission(context, submission)));
  if (!sweep) throw new Error('a sweep was neither written nor found');
  return sweep;
}

const SubmittedRow = SweepRow.extend({
  spec: Spec.pick({ priority: true, limits: true, budget: true }).strip(),
  specHash: z.string().nullable(),
  runs: z.int(),
});

/**
 * The sweep of an earlier submission with this key, as it was when it was submitted; undefined if there is none.
 * Refuses (`key_reused`) a key that was used for a different spec.
 */
export async function findSubmission(
  { db }: Context,
  { key, specHash }: SubmissionKey,
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
  if (sweep.specHash !== specHash) throw refusal.keyReused(sweep.id);
  const { priority, limits, budget } = sweep.spec;
  const asSubmitted = {
    ...{ priority, maxRunning: limits.running ?? null, deviceHours: budget.deviceHours ?? null },
    ...{ pausedAt: null, cancelledAt: null },
  };
  return sweepView({ ...sweep, ...asSubmitted }, allQueued(sweep.runs));
}
