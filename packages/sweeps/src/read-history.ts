/** What earlier runs say of a sweep that is planned: how fast like runs trained, and how much their results spread. */
import { datasetKey, type EarlierSweep, evaluatedOf, type MeasuredRun } from '@ablate/answers';
import { type AnswerMetric, DatasetChoice, figureName } from '@ablate/contracts';
import { EQUAL_RUNS, queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';

/** Sweeps that are read, the newest, and of each the first configs: the time does not grow with the database. */
const [SWEEPS, CONFIGS] = [60, 40];
/** Runs of a config whose times are read, and of all. */
const [RUNS_OF_CONFIG, RUNS] = [3, 400];

/** Runs that see up to twice as many or half as many images are as long. */
const LIKE_LENGTH = 2;

const TimedRow = z.object({
  sweep: z.string(),
  family: z.string(),
  macs: z.number(),
  dataset: DatasetChoice.catch(DatasetChoice.parse({})),
  batchSize: z.int(),
  totalSteps: z.int(),
  epochs: z.int(),
  seconds: z.number(),
});

const CellRow = z.object({
  sweepId: z.string(),
  configId: z.string(),
  seeds: z.array(z.int()),
  values: z.array(z.number()),
  samples: z.int().nullable(),
  epochs: z.int(),
});

const RECENT = `(SELECT id, created_at FROM sweep ORDER BY created_at DESC, id DESC LIMIT ${SWEEPS}) recent
  CROSS JOIN LATERAL (SELECT id, config, macs FROM config WHERE sweep_id = recent.id ORDER BY position LIMIT ${CONFIGS}) config`;

/** Runs of these families that were trained to the last epoch, of the newest sweeps first. */
export async function readMeasuredRuns({ db }: Context, families: readonly string[]): Promise<MeasuredRun[]> {
  const rows = await queryRows(
    db.pool,
    TimedRow,
    `SELECT recent.id AS sweep, config.config #>> '{model,family}' AS family, config.macs::float8 AS macs, config.config -> 'dataset' AS dataset,
       (config.config #>> '{train,batchSize}')::integer AS "batchSize", run.total_steps AS "totalSteps", run.epochs, run.seconds
     FROM ${RECENT} CROSS JOIN LATERAL (
       SELECT run.useful_seconds AS seconds, attempt.total_steps, attempt.epochs
       FROM run JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
       WHERE run.config_id = config.id AND run.state = 'succeeded' AND run.useful_seconds > 0 AND run.forked_from IS NULL
         AND attempt.total_steps > 0 AND attempt.epochs > 0
       LIMIT $2
     ) run WHERE config.macs > 0 AND config.config #>> '{model,family}' = ANY ($1)
       AND config.config #> '{train,stop}' IS NULL
     ORDER BY recent.created_at DESC LIMIT $3`,
    [families, RUNS_OF_CONFIG, RUNS],
  );
  return rows.map(({ sweep, family, macs, dataset, batchSize, totalSteps, epochs, seconds }) => ({
    ...{ sweep, family, macs, epochs, seconds, dataset: datasetKey(dataset), ...evaluatedOf(dataset) },
    epochImages: (totalSteps / epochs) * batchSize,
  }));
}

const AnsweredRow = z.object({ runs: z.int() });

/**
 * Runs of these configs and seeds that would be reused: equal ones succeeded with the code of the workers that are alive, or the newest code if none is, and on the data of the newest of
 * them. What data the workers have is known to them only.
 */
export async function countReusable(
  { db }: Context,
  { hashes, seeds }: { hashes: readonly string[]; seeds: readonly number[] },
): Promise<number> {
  const [row] = await queryRows(
    db.pool,
    AnsweredRow,
    `WITH alive AS (
       SELECT array_agg(split_part(version, ' ', 2)) AS codes FROM reporting.workers WHERE state = 'alive'
     ), found AS MATERIALIZED (
       SELECT equal.* FROM ${EQUAL_RUNS} equal CROSS JOIN alive
       WHERE hash = ANY($1::text[]) AND seed = ANY($2::integer[]) AND coalesce(left(code, 12) = ANY(codes), true)
     ), newest AS (SELECT code, data FROM found ORDER BY finished_at DESC LIMIT 1)
     SELECT count(DISTINCT (found.hash, found.seed))::integer AS runs FROM found JOIN newest USING (code, data)`,
    [hashes, seeds],
  );
  return row?.runs ?? 0;
}

/** Results on the test images of a data set, by sweep; configs with reused ones count where these were trained. `length`: epochs × samples of the runs that are planned. */
export async function readEarlierSweeps(
  { db }: Context,
  {
    dataset,
    metric,
    length,
  }: { dataset: string; metric: AnswerMetric; length: { samples: number | null; epochs: number } },
): Promise<EarlierSweep[]> {
  const rows = await queryRows(
    db.pool,
    CellRow,
    `SELECT cell.sweep_id AS "sweepId", cell.config_id AS "configId", cell.seeds, cell."values",
       (config.config #>> '{dataset,samples}')::integer AS samples, (config.config #>> '{train,epochs}')::integer AS epochs
     FROM ${RECENT} JOIN cell ON cell.config_id = config.id AND cell.metric = $1 AND cell.n > 1
     WHERE config.config #>> '{dataset,name}' = $2
       AND NOT EXISTS (SELECT FROM run WHERE config_id = config.id AND reused_from IS NOT NULL)`,
    [figureName(metric, 'test') ?? '', dataset],
  );
  const sweeps = new Map<string, { values: Map<string, Map<number, number>>; alike: boolean }>();
  for (const { sweepId, configId, seeds, values, samples, epochs } of rows) {
    // All images if both leave their number out; else the numbers compare.
    const share =
      samples !== null && length.samples !== null ? samples / length.samples : samples === length.samples ? 1 : 0;
    const ratio = (share * epochs) / length.epochs;
    const alike = ratio >= 1 / LIKE_LENGTH && ratio <= LIKE_LENGTH;
    const key = `${sweepId} ${alike}`;
    const sweep = sweeps.get(key) ?? { values: new Map<string, Map<number, number>>(), alike };
    sweeps.set(key, sweep);
    sweep.values.set(
      configId,
      new Map(seeds.flatMap((seed, i) => (values[i] === undefined ? [] : [[seed, values[i]]]))),
    );
  }
  return [...sweeps.values()];
}
