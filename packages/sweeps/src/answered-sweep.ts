/** What an answer is computed from, read in one snapshot. */
import { type AnswerConfig, type AnsweredSpec, type AnswerInput, specBaseline, type Values } from '@ablate/answers';
import { type AnswerMetric, type AnswerSplit, Compare, figureName, Search, Space } from '@ablate/contracts';
import { BigInteger, inTransaction, queryRows, TRAINED_SECONDS } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

/** The part of a stored spec that an answer reads. Specs of earlier versions lack fields. */
export const StoredSpec = z.object({
  seeds: z.array(z.int()).default([]),
  search: Search.default({ method: 'grid' }),
  space: Space.default({}),
  compare: Compare.prefault({}),
  baseline: z.record(z.string(), z.unknown()).optional(),
});
export type StoredSpec = z.infer<typeof StoredSpec>;

const SweepRow = z.object({ id: z.string(), name: z.string(), spec: StoredSpec });

const ConfigRow = z.object({
  id: z.string(),
  position: z.int(),
  hash: z.string(),
  axes: z.record(z.string(), z.unknown()),
  fork: z.object({ position: z.int(), epochs: z.int() }).nullable(),
  macs: BigInteger.nullable(),
  parameters: BigInteger.nullable(),
  deviceSeconds: z.number().nullable(),
  unfinished: z.int(),
  failed: z.int(),
  pruned: z.int(),
});

const CellRow = z.object({ configId: z.string(), seeds: z.array(z.int()), values: z.array(z.number()) });

/** A sweep with its configs and the values of one figure. */
export type AnsweredSweep = {
  id: string;
  name: string;
  spec: AnsweredSpec;
  configs: AnswerConfig[];
  values: Values;
  /** The baseline of the spec; null for a sweep without configs. */
  baseline: AnswerInput['baseline'];
  metric: AnswerMetric;
  split: AnswerSplit;
};

/** Runs `work` on one snapshot of the database, read-only. */
export const inSnapshot = <T>({ db }: Context, work: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
  inTransaction(db, async (client) => {
    // Compiling these plans costs more than it saves.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL jit = off');
    return work(client);
  });

/** Refuses (`invalid_parameter`) a figure that is not stored. */
function requireFigure(metric: AnswerMetric, split: AnswerSplit): string {
  const figure = figureName(metric, split);
  if (figure === undefined)
    throw refusal.invalidParameter('split', `no ${metric} is stored for ${split}: use test or validation`);
  return figure;
}

/** Reads a sweep for an answer. `metric` is that of the spec unless given. Refuses (`not_found`) an unknown id. */
export async function readAnsweredSweep(
  client: pg.PoolClient,
  sweepId: string,
  { metric: asked, split }: { metric?: AnswerMetric; split: AnswerSplit },
): Promise<AnsweredSweep> {
  const [sweep] = await queryRows(client, SweepRow, 'SELECT id, name, spec FROM sweep WHERE id = $1', [sweepId]);
  if (sweep === undefined) throw refusal.unknown('sweep', sweepId);
  const metric = asked ?? sweep.spec.compare.metric;
  const figure = requireFigure(metric, split);
  const configs = await queryRows(
    client,
    ConfigRow,
    `SELECT config.id, config.position, config.hash, config.axes, config.macs, config.parameters, runs.seconds AS "deviceSeconds",
       coalesce(runs.unfinished, 0) AS unfinished, coalesce(runs.failed, 0) AS failed,
       coalesce(runs.pruned, 0) AS pruned,
       (SELECT jsonb_build_object('position', before.position, 'epochs', own.forked_epoch)
        FROM run own JOIN run other ON other.id = own.forked_from JOIN config before ON before.id = other.config_id
        WHERE own.id = runs.fork) AS fork
     FROM config LEFT JOIN (
       SELECT config_id, avg(${TRAINED_SECONDS}) FILTER (WHERE state = 'succeeded') AS seconds,
         count(*) FILTER (WHERE state IN ('queued', 'running'))::integer AS unfinished,
         count(*) FILTER (WHERE state IN ('failed', 'cancelled'))::integer AS failed,
         count(*) FILTER (WHERE state = 'pruned')::integer AS pruned,
         (array_agg(id) FILTER (WHERE forked_from IS NOT NULL))[1] AS fork
       FROM run WHERE sweep_id = $1 GROUP BY config_id
     ) runs ON runs.config_id = config.id
     WHERE config.sweep_id = $1 ORDER BY config.position`,
    [sweepId],
  );
  const cells = await queryRows(
    client,
    CellRow,
    'SELECT config_id AS "configId", seeds, "values" FROM cell WHERE sweep_id = $1 AND metric = $2',
    [sweepId, figure],
  );
  const values: Values = new Map(
    cells.map(({ configId, seeds, values: of }) => [
      configId,
      new Map(seeds.flatMap((seed, i) => (of[i] === undefined ? [] : [[seed, of[i]] as const]))),
    ]),
  );
  const base = specBaseline(configs, sweep.spec, ({ id }) => values.get(id)?.size ?? 0);
  return {
    ...{ id: sweep.id, name: sweep.name, spec: sweep.spec, configs, values, metric, split },
    baseline: base && { id: base.config.id, found: base.found, mostSeeds: base.mostSeeds },
  };
}
