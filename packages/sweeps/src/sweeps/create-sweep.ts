import { augmentHash, augmentName, type Config, Spec, type SweepView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, Refusal } from '@ablate/db';
import { NO_RUNS } from './sweep-state.ts';
import { SWEEP_COLUMNS, type SweepRow, sweepView } from './sweep-view.ts';

/** One config of a sweep: its canonical hash, and the values that it takes on the sweep's axes. */
export type Point = { config: Config; axes: Record<string, unknown>; hash: string };

/** What the client calls a submission, and the canonical hash of what it submits: the same again is the same sweep. */
export type SubmissionKey = { key: string; specHash: string };

/** A sweep has few augmentations and may have very many points: each is hashed once. */
function augmentHashes(points: readonly Point[]): string[] {
  const known = new Map<string, string>();
  return points.map(({ config: { augment } }) => {
    const text = JSON.stringify(augment);
    const hash = known.get(text) ?? augmentHash(augment);
    known.set(text, hash);
    return hash;
  });
}

/**
 * Write a sweep with its owner, configs, runs and outbox, all or nothing, in a few statements whatever its size. Runs are
 * placed seed by seed, so that a sweep that is cut short has seen every config equally often. Of many submissions with
 * one key the first writes, and all get the same answer; refuses (`key_reused`) the key of another spec.
 */
export async function createSweep(
  db: Database,
  { spec, points, submission }: { spec: Spec; points: readonly Point[]; submission?: SubmissionKey },
): Promise<SweepView> {
  const written = await inTransaction(db, async (client) => {
    // Large sweeps are sorted in memory, and their plans are too plain to be worth compiling.
    await client.query(`SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`);
    await client.query('INSERT INTO owner (name) VALUES ($1) ON CONFLICT DO NOTHING', [spec.owner]);
    const sweep = await client.query<SweepRow>(
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
    const [row] = sweep.rows;
    if (row === undefined) return null; // somebody else's submission of this key was first
    const augments = augmentHashes(points);
    await client.query(
      `INSERT INTO config (sweep_id, position, hash, config, axes, augment, augment_hash)
       SELECT $1, point.place - 1, point.hash, point.config::jsonb, point.axes::jsonb, point.augment, point.augment_hash
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         WITH ORDINALITY AS point(hash, config, axes, augment, augment_hash, place)`,
      [
        row.id,
        points.map(({ hash }) => hash),
        points.map(({ config }) => JSON.stringify(config)),
        points.map(({ axes }) => JSON.stringify(axes)),
        augments.map(augmentName),
        augments,
      ],
    );
    await client.query(
      `WITH written AS (
         INSERT INTO run (id, sweep_id, config_id, position, seed)
         SELECT ordered_id(), $1, config.id, (seed.place - 1) * $3 + config.position, seed.value
         FROM config CROSS JOIN unnest($2::integer[]) WITH ORDINALITY AS seed(value, place)
         WHERE config.sweep_id = $1
         ORDER BY seed.place, config.position
         RETURNING id, sweep_id, position
       )
       INSERT INTO outbox (run_id, attempt, sweep_id, position) SELECT id, 1, sweep_id, position FROM written`,
      [row.id, spec.seeds, points.length],
    );
    return sweepView(row, { ...NO_RUNS, queued: points.length * spec.seeds.length });
  });
  const sweep = written ?? (submission && (await findSubmission(db, submission)));
  if (!sweep) throw new Error('a sweep was neither written nor found');
  return sweep;
}

/** The answer that a submission got, if it came before: the sweep as it was. Refuses (`key_reused`) the key of another spec. */
export async function findSubmission(
  { pool }: Database,
  { key, specHash }: SubmissionKey,
): Promise<SweepView | undefined> {
  const { rows } = await pool.query<SweepRow & { spec: unknown; spec_hash: string; runs: number }>(
    `SELECT ${SWEEP_COLUMNS}, spec_hash, (SELECT count(*)::integer FROM run WHERE sweep_id = sweep.id) AS runs
     FROM sweep WHERE idempotency_key = $1`,
    [key],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.spec_hash !== specHash)
    throw new Refusal(
      'key_reused',
      `sweep ${row.id} was submitted with this key, and its spec is another: use a new key`,
    );
  const { priority, limits, budget } = Spec.pick({ priority: true, limits: true, budget: true })
    .strip()
    .parse(row.spec);
  const asSubmitted = {
    ...{ priority, maxRunning: limits.running ?? null, deviceHours: budget.deviceHours ?? null },
    ...{ pausedAt: null, cancelledAt: null },
  };
  return sweepView({ ...row, ...asSubmitted }, { ...NO_RUNS, queued: row.runs });
}
