/** Stores what SQL shows of a sweep's statistics. */
import { setImmediate as tick } from 'node:timers/promises';
import { buildAnswer, NO_COST, specBaseline, type Values, variesWords } from '@ablate/answers';
import { type Counts, isDrawn } from '@ablate/contracts';
import { BigInteger, inTransaction, queryRows } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import { StoredSpec } from '../answered-sweep.ts';
import type { Context } from '../context.ts';
import { analyseGrids } from './analyse-grids.ts';
import { compareConfigs } from './compare-configs.ts';
import { ConfigRow, METRICS, type MetricName } from './rows.ts';

const TABLES = {
  comparison: {
    columns:
      'config_id, metric, baseline_id, verdict, pairs, difference, half, p, pooled_difference, pooled_half, pooled_p, holm_p, guarded_holm_p, detectable, seeds_needed, margin',
  },
  effect: {
    columns:
      'metric, axis, position, level, reference, mean, difference, half, p, axis_f, axis_freedom, residual_freedom, axis_p, results, seeds, grid, holm_p, verdict',
  },
  interaction: {
    columns:
      'metric, axis_a, axis_b, position, level_a, level_b, mean, deviation, f, freedom, residual_freedom, p, results, grid, holm_p, beyond_noise',
  },
} as const;

async function replaceRows(
  client: pg.PoolClient,
  table: keyof typeof TABLES,
  sweepId: string,
  rows: readonly object[],
): Promise<void> {
  const { columns } = TABLES[table];
  await client.query(`DELETE FROM ${table} WHERE sweep_id = $1`, [sweepId]);
  await client.query(
    `INSERT INTO ${table} (sweep_id, ${columns})
     SELECT $1, ${columns} FROM jsonb_populate_recordset(NULL::${table}, $2::jsonb)`,
    [sweepId, JSON.stringify(rows)],
  );
}

const NO_RUNS: Counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, pruned: 0 };

const Change = z.object({ id: BigInteger });
const SpecRow = z.object({ spec: StoredSpec });
const CellRow = z.object({
  configId: z.string(),
  metric: z.string(),
  seeds: z.array(z.int()),
  values: z.array(z.number()),
});
type CellRow = z.infer<typeof CellRow>;

/** The values of one metric, by config and seed. */
const valuesOf = (cells: readonly CellRow[], metric: MetricName): Values =>
  new Map(
    cells
      .filter((cell) => cell.metric === metric)
      .map(({ configId, seeds, values }) => [
        configId,
        new Map(seeds.flatMap((seed, i) => (values[i] === undefined ? [] : [[seed, values[i]] as const]))),
      ]),
  );

/** The verdict in one line, by the metric of the spec, on test, and the device time. */
async function storeSummary(
  client: pg.PoolClient,
  {
    id,
    spec,
    configs,
    cells,
  }: { id: string; spec: StoredSpec; configs: readonly ConfigRow[]; cells: readonly CellRow[] },
): Promise<void> {
  const values = valuesOf(cells, spec.compare.metric === 'loss' ? 'test_loss' : 'test_accuracy');
  const base = specBaseline(configs, spec, ({ id }) => values.get(id)?.size ?? 0);
  const { verdict } = buildAnswer({
    sweep: { id, name: '' },
    spec,
    configs: configs.map((config) => ({
      ...config,
      ...{
        hash: '',
        fork: null,
        macs: null,
        parameters: null,
        deviceSeconds: null,
        unfinished: 0,
        failed: 0,
        pruned: 0,
      },
    })),
    values,
    baseline: base && { id: base.config.id, found: base.found, mostSeeds: base.mostSeeds },
    ...{ metric: spec.compare.metric, split: 'test', counts: NO_RUNS, failures: [], notes: [], limit: 1 },
    cost: NO_COST,
  });
  await client.query(
    `INSERT INTO sweep_summary (sweep_id, varies, verdict) VALUES ($1, $2, $3)
     ON CONFLICT (sweep_id) DO UPDATE SET verdict = excluded.verdict`,
    [id, variesWords(spec, { configs: configs.length }), verdict],
  );
  await client.query(
    `UPDATE sweep SET device_seconds = spent.seconds
     FROM (SELECT coalesce(sum(useful_seconds), 0) + coalesce(sum(lost_seconds), 0) AS seconds FROM run WHERE sweep_id = $1) spent
     WHERE sweep.id = $1 AND sweep.device_seconds <> spent.seconds`,
    [id],
  );
}

/** Stores the answers of one sweep, if its cells changed; all in one transaction. */
async function storeSweep({ db }: Context, sweepId: string): Promise<void> {
  await inTransaction(
    db,
    async (client) => {
      // One process at a time, so that an older answer never replaces a newer one.
      await client.query('SELECT pg_advisory_xact_lock(4711005, hashtext($1))', [sweepId]);
      // Read before the cells: a change that commits meanwhile stays, and the answers are stored again.
      const changes = await queryRows(client, Change, 'SELECT id FROM cell_change WHERE sweep_id = $1', [sweepId]);
      if (changes.length === 0) return;
      const [sweep] = await queryRows(client, SpecRow, 'SELECT spec FROM sweep WHERE id = $1', [sweepId]);
      const configs = await queryRows(
        client,
        ConfigRow,
        'SELECT id, position, axes FROM config WHERE sweep_id = $1 ORDER BY position',
        [sweepId],
      );
      const cells = await queryRows(
        client,
        CellRow,
        'SELECT config_id AS "configId", metric, seeds, "values" FROM cell WHERE sweep_id = $1',
        [sweepId],
      );
      const rows: Record<keyof typeof TABLES, object[]> = { comparison: [], effect: [], interaction: [] };
      if (sweep && configs.length > 0) {
        const { compare, search } = sweep.spec;
        for (const metric of Object.keys(METRICS) as MetricName[]) {
          const values = valuesOf(cells, metric);
          const baseline = specBaseline(configs, sweep.spec, ({ id }) => values.get(id)?.size ?? 0)?.config;
          if (values.size === 0 || !baseline) continue;
          rows.comparison.push(...compareConfigs(configs, values, { baseline: baseline.id, compare, metric }));
          await tick(); // a large sweep takes seconds: heartbeats are sent in between
          if (isDrawn(search)) continue;
          const { effects, interactions } = analyseGrids(configs, values, { baseline, compare, metric });
          rows.effect.push(...effects);
          rows.interaction.push(...interactions);
          await tick();
        }
      }
      for (const table of ['comparison', 'effect', 'interaction'] as const)
        await replaceRows(client, table, sweepId, rows[table]);
      if (sweep) await storeSummary(client, { id: sweepId, spec: sweep.spec, configs, cells });
      await client.query('DELETE FROM cell_change WHERE id = ANY($1::bigint[])', [changes.map(({ id }) => id)]);
    },
    { frozenSeconds: 60 },
  );
}

const Stale = z.object({ sweepId: z.string() });

/** When the answers of a sweep may be stored again, by its id: a large sweep must not keep a process busy. */
export type StoreSchedule = Map<string, number>;

/** Share of the time that storing the answers of one sweep may take. */
const SHARE = 0.05;

/**
 * Stores the answers of the sweeps whose cells changed, those first that wait longest. Any process may call it at any time.
 * With a `schedule`, which it updates, a sweep whose answers took long is left for a later call.
 */
export async function storeAnswers(context: Context, schedule: StoreSchedule = new Map()): Promise<void> {
  const stale = await queryRows(
    context.db.pool,
    Stale,
    'SELECT sweep_id AS "sweepId" FROM cell_change GROUP BY sweep_id ORDER BY min(id)',
  );
  for (const [sweepId, due] of schedule) if (due <= performance.now()) schedule.delete(sweepId);
  for (const { sweepId } of stale) {
    if (schedule.has(sweepId)) continue;
    const begun = performance.now();
    await storeSweep(context, sweepId);
    const took = performance.now() - begun;
    schedule.set(sweepId, begun + took / SHARE);
  }
}
