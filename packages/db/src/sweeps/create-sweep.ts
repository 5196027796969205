import type { Config, Spec, SweepView } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';
import { NO_RUNS } from './sweep-state.ts';
import { sweepView } from './sweep-view.ts';

/** One config of a sweep: its canonical hash, and the values that it takes on the sweep's axes. */
export type Point = { config: Config; axes: Record<string, unknown>; hash: string };

/**
 * Write a sweep with its configs, runs and outbox, all or nothing, in four statements whatever its size.
 * Runs are placed seed by seed, so that a sweep that is cut short has seen every config equally often.
 */
export async function createSweep(
  db: Database,
  { spec, points }: { spec: Spec; points: readonly Point[] },
): Promise<SweepView> {
  return inTransaction(db, async (client) => {
    const sweep = await client.query<{ id: string; created_at: Date }>(
      'INSERT INTO sweep (name, spec) VALUES ($1, $2) RETURNING id, created_at',
      [spec.name, JSON.stringify(spec)],
    );
    const { id, created_at: createdAt } = sweep.rows[0]!;
    await client.query(
      `INSERT INTO config (sweep_id, position, hash, config, axes)
       SELECT $1, point.place - 1, point.hash, point.config::jsonb, point.axes::jsonb
       FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS point(hash, config, axes, place)`,
      [
        id,
        points.map(({ hash }) => hash),
        points.map(({ config }) => JSON.stringify(config)),
        points.map(({ axes }) => JSON.stringify(axes)),
      ],
    );
    await client.query(
      `INSERT INTO run (sweep_id, config_id, position, seed)
       SELECT $1, config.id, (seed.place - 1) * $3 + config.position, seed.value
       FROM config CROSS JOIN unnest($2::integer[]) WITH ORDINALITY AS seed(value, place)
       WHERE config.sweep_id = $1
       ORDER BY seed.place, config.position`,
      [id, spec.seeds, points.length],
    );
    await client.query(
      'INSERT INTO outbox (run_id, attempt) SELECT id, 1 FROM run WHERE sweep_id = $1 ORDER BY position',
      [id],
    );
    const counts = { ...NO_RUNS, queued: points.length * spec.seeds.length };
    return sweepView({ id, name: spec.name, createdAt, cancelledAt: null }, counts);
  });
}
