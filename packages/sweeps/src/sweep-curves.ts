import { axisTexts, formatPoint } from '@ablate/answers';
import type { Curves, CurveX } from '@ablate/contracts';
import { queryRows, SUMMARY_BUCKETS, TRAINED_SECONDS } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import { inSnapshot } from './answered-sweep.ts';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

export type CurvesRequest = {
  sweepId: string;
  /** Name of the measured values, such as `val/accuracy`. */
  metric: string;
  x: CurveX;
  /** Most points of a curve. */
  points: number;
  /** The configs with the best validation accuracy unless given. */
  configs?: readonly string[];
};

/** Configs that are listed unless the request names some. */
const MAX_CURVES = 10;

const SweepRow = z.object({ id: z.string() });
const ConfigRow = z.object({
  configId: z.string(),
  position: z.int(),
  axes: z.record(z.string(), z.unknown()),
  batchSize: z.number().nullable(),
  secondsPerStep: z.number().nullable(),
  seeds: z.int(),
});
const NameRow = z.object({ name: z.string() });
const CountRow = z.object({ configs: z.int() });
const PointRow = z.object({
  configId: z.string(),
  step: z.number(),
  epoch: z.number(),
  n: z.int(),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
});

/** The metrics that runs of the sweep have measured. */
const readNames = async (client: pg.PoolClient, sweepId: string): Promise<string[]> => {
  const rows = await queryRows(
    client,
    NameRow,
    `SELECT name FROM measure WHERE EXISTS (
       SELECT FROM run JOIN metric_chunk chunk ON chunk.run_id = run.id AND chunk.number = 1
       WHERE run.sweep_id = $1 AND measure.id = ANY (chunk.measures))
     UNION SELECT DISTINCT metric.name FROM run JOIN metric ON metric.run_id = run.id WHERE run.sweep_id = $1
     ORDER BY name LIMIT 1000`,
    [sweepId],
  );
  return rows.map(({ name }) => name);
};

/** The configs to draw: those that were asked for, else those with the best validation accuracy, then by position. */
const readConfigs = (client: pg.PoolClient, { sweepId, configs }: CurvesRequest) =>
  queryRows(
    client,
    ConfigRow,
    `SELECT config.id AS "configId", config.position, config.axes, (config.config #>> '{train,batchSize}')::float8 AS "batchSize",
       runs.pace AS "secondsPerStep", runs.seeds
     FROM config
     CROSS JOIN LATERAL (
       SELECT count(*)::integer AS seeds,
         avg(${TRAINED_SECONDS} / attempt.total_steps) FILTER (WHERE run.state = 'succeeded' AND attempt.total_steps > 0) AS pace
       FROM run LEFT JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
       WHERE run.config_id = config.id AND run.attempt > 0
     ) runs
     LEFT JOIN cell ON cell.config_id = config.id AND cell.metric = 'val_accuracy'
     WHERE config.sweep_id = $1 AND runs.seeds > 0 AND ($2::uuid[] IS NULL OR config.id = ANY ($2))
     ORDER BY (SELECT avg(value) FROM unnest(cell."values") AS value) DESC NULLS LAST, config.position LIMIT $3`,
    [sweepId, configs ?? null, configs?.length ?? MAX_CURVES],
  );

/**
 * Buckets of steps: in each, the mean of a run's values, and over the runs of a config their mean, least, greatest and number. A run's
 * summary stands for its values if it is fine enough.
 */
const readPoints = (client: pg.PoolClient, configs: readonly string[], { metric, points }: CurvesRequest) =>
  queryRows(
    client,
    PointRow,
    `WITH chosen AS MATERIALIZED (
       SELECT run.config_id, run.id FROM run WHERE run.config_id = ANY ($1::uuid[]) AND run.attempt > 0
     ), summary AS MATERIALIZED (
       SELECT chosen.config_id, curve.* FROM chosen JOIN curve_summary curve ON curve.run_id = chosen.id
       WHERE $3 <= ${SUMMARY_BUCKETS} AND curve.measure_id = (SELECT id FROM measure WHERE name = $2)
     ), raw AS MATERIALIZED (
       SELECT * FROM chosen WHERE NOT EXISTS (SELECT FROM summary WHERE summary.run_id = chosen.id)
     ), range AS MATERIALIZED (
       SELECT greatest(1, ceil((max(last) + 1)::float8 / $3))::integer AS width FROM (
         SELECT last_step AS last FROM summary
         UNION ALL SELECT chunk.last FROM raw JOIN metric_chunk chunk ON chunk.run_id = raw.id
         UNION ALL SELECT metric.step FROM raw JOIN metric ON metric.run_id = raw.id
       ) steps
     ), bucketed AS (
       SELECT measured.config_id, measured.run_id, floor(measured.step / range.width) AS bucket,
         sum(measured.reading * measured.points) / sum(measured.points) AS reading,
         sum(measured.step * measured.points) / sum(measured.points) AS step,
         sum(measured.epoch * measured.points) / sum(measured.points) AS epoch
       FROM range CROSS JOIN (
         SELECT summary.config_id, summary.run_id, bucket.step, bucket.epoch, bucket.reading, bucket.points
         FROM summary
         CROSS JOIN LATERAL unnest(summary.steps, summary.epochs, summary.means, summary.points) AS bucket(step, epoch, reading, points)
         UNION ALL
         SELECT raw.config_id, raw.id, point.step, point.epoch, point.reading, 1
         FROM raw JOIN metric_chunk chunk ON chunk.run_id = raw.id
         CROSS JOIN LATERAL unnest(chunk.measures, chunk.steps, chunk.epochs, chunk.readings) AS point(measure, step, epoch, reading)
         WHERE point.measure = (SELECT id FROM measure WHERE name = $2) AND point.reading IS NOT NULL
         UNION ALL
         SELECT raw.config_id, raw.id, metric.step, metric.epoch, metric.value, 1 FROM raw JOIN metric ON metric.run_id = raw.id
         WHERE metric.name = $2 AND metric.value IS NOT NULL
       ) measured
       GROUP BY measured.config_id, measured.run_id, bucket
     )
     SELECT config_id AS "configId", avg(step) AS step, avg(epoch) AS epoch, count(*)::integer AS n, avg(reading) AS mean,
       min(reading) AS min, max(reading) AS max
     FROM bucketed GROUP BY config_id, bucket ORDER BY config_id, bucket`,
    [configs, metric, points],
  );

/** Mean, least and greatest value over the runs of each config, at each of at most `points` places. */
export const sweepCurves = (context: Context, request: CurvesRequest): Promise<Curves> =>
  inSnapshot(context, async (client) => {
    const { sweepId, metric, x, configs: asked } = request;
    if ((await queryRows(client, SweepRow, 'SELECT id FROM sweep WHERE id = $1', [sweepId])).length === 0)
      throw refusal.unknown('sweep', sweepId);
    const metrics = await readNames(client, sweepId);
    const [{ configs: trained } = { configs: 0 }] = await queryRows(
      client,
      CountRow,
      'SELECT count(DISTINCT config_id)::integer AS configs FROM run WHERE sweep_id = $1 AND attempt > 0',
      [sweepId],
    );
    if (metrics.length > 0 && !metrics.includes(metric))
      throw refusal.invalidParameter('metric', `unknown metric: runs of this sweep have ${metrics.join(', ')}`);
    const chosen = await readConfigs(client, request);
    const strange = asked?.find((id) => !chosen.some(({ configId }) => configId === id));
    if (strange !== undefined)
      throw refusal.invalidParameter('configs', `the sweep has no config ${strange} with a run that has started`);
    const rows = await readPoints(
      client,
      chosen.map(({ configId }) => configId),
      request,
    );
    const text = axisTexts(chosen);
    const drawn = chosen.map(({ configId, position, axes, batchSize, secondsPerStep }) => {
      const scale: Record<CurveX, (row: z.infer<typeof PointRow>) => number | null> = {
        step: ({ step }) => step,
        epoch: ({ epoch }) => epoch,
        samples: ({ step }) => (batchSize === null ? null : step * batchSize),
        time: ({ step }) => (secondsPerStep === null ? null : step * secondsPerStep),
      };
      const found = rows.filter((row) => row.configId === configId);
      return {
        ...{ configId, position, name: formatPoint(axes, { text }) },
        seeds: found.reduce((most, { n }) => Math.max(most, n), 0),
        points: found.flatMap((row) => {
          const at = scale[x](row);
          return at === null ? [] : [{ x: at, n: row.n, mean: row.mean, min: row.min, max: row.max }];
        }),
      };
    });
    return { metric, x, metrics, configs: drawn, omitted: Math.max(0, trained - chosen.length) };
  });
