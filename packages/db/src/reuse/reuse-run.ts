import { DatasetChoice, type RunJob, type RunResult } from '@ablate/contracts';
import { z } from 'zod';
import { summariseCurves } from '../attempts/summarise-curves.ts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { restHeldRun } from '../searches/rest-run.ts';
import { inTransaction } from '../transaction.ts';
import { EQUAL_RUNS, EVALUATED_AS_WRITTEN } from './equal-runs.ts';

const Reusable = z.object({ dataset: DatasetChoice, hashes: z.array(z.string()) });
/** The data set of a run, and the SHA-256 of the packed images of equal runs. */
export type Reusable = z.infer<typeof Reusable>;

/** SQL: whether others may start from the checkpoint of a run of `run` and `sweep` once it rests: then it must have one. */
const FORKABLE = `(run.until_epoch IS NOT NULL AND sweep.spec #>> '{search,method}' = 'pbt')`;

/** On which data runs with the config and seed of a claimed run succeeded, trained by this code; null if none did, or the spec says `"reuse": false`. */
export async function findReusable(
  { pool }: Database,
  { runId, attempt, code }: RunJob & { code: string },
): Promise<Reusable | null> {
  const [row] = await queryRows(pool, Reusable, {
    name: 'find-reusable',
    text: `SELECT config.config -> 'dataset' AS dataset, array_agg(DISTINCT equal.data) AS hashes
      FROM run JOIN sweep ON sweep.id = run.sweep_id JOIN config ON config.id = run.config_id
      JOIN ${EQUAL_RUNS} equal ON equal.hash = config.hash AND equal.seed = run.seed AND equal.code = $3
      WHERE run.id = $1 AND run.attempt = $2 AND sweep.spec ->> 'reuse' IS DISTINCT FROM 'false' AND ${EVALUATED_AS_WRITTEN}
        AND run.forked_from IS NULL AND NOT ${FORKABLE}
      GROUP BY config.id`,
    values: [runId, attempt, code],
  });
  return row ?? null;
}

/** From an equal run: the figures that a dashboard shows, or the epoch at which the search wants to see the run. */
export type Reused = { from: string } & (Pick<RunResult, 'valAccuracy' | 'testAccuracy'> | { reached: number });

const Found = z.object({ id: z.string() });
const Locked = Found.extend({ until: z.int().nullable() });
const Reached = z.object({ valAccuracy: z.number(), valLoss: z.number() });

/** The best figures on validation of the run $1 until epoch $2, as its trainer reported them then; no row if it was not evaluated there. */
const REACHED = `
  SELECT accuracy.value AS "valAccuracy", loss.value AS "valLoss"
  FROM metric_point accuracy JOIN metric_point loss ON loss.run_id = $1 AND loss.name = 'val/loss' AND loss.step = accuracy.step
  WHERE accuracy.run_id = $1 AND accuracy.name = 'val/accuracy' AND accuracy.epoch <= $2
    AND EXISTS (SELECT FROM metric_point WHERE run_id = $1 AND name = 'val/accuracy' AND epoch = $2)
  ORDER BY accuracy.value DESC, accuracy.step LIMIT 1`;
const Finished = z.object({ from: z.string(), valAccuracy: z.number(), testAccuracy: z.number() });

/** What an interrupted attempt of the run has left: the result is not that of these weights. */
const LEFT = [
  'metric',
  'metric_chunk',
  'curve_summary',
  'checkpoint',
  'past_checkpoint',
  'prediction',
  'inside',
] as const;

/** What is copied of the run $3 to the attempt $2 of the run $1, which then stands by itself: the other may be deleted. Its checkpoints stay where they are. */
const COPIES = [
  `INSERT INTO metric (run_id, name, step, epoch, value, attempt) SELECT $1, name, step, epoch, value, $2 FROM metric WHERE run_id = $3`,
  `INSERT INTO metric_chunk (run_id, attempt, number, last, measures, steps, epochs, readings)
   SELECT $1, $2, row_number() OVER (ORDER BY attempt, number), last, measures, steps, epochs, readings FROM metric_chunk WHERE run_id = $3`,
  `INSERT INTO prediction (run_id, split, attempt, image_set_id, data)
   SELECT $1, prediction.split, $2, image_set_id, data FROM prediction JOIN run ON run.id = run_id AND run.attempt = prediction.attempt
   WHERE run_id = $3`,
  `INSERT INTO inside (run_id, attempt, images_id, sha256, data)
   SELECT $1, $2, images_id, sha256, data FROM inside JOIN run ON run.id = run_id AND run.attempt = inside.attempt WHERE run_id = $3`,
  `UPDATE attempt SET cause = 'completed', ended_at = attempt.started_at, message = 'reused from run ' || coalesce(run.reused_from, run.id),
     total_steps = source.total_steps, epochs = source.epochs, parameters = source.parameters, dataset_hash = source.dataset_hash,
     compiled = source.compiled, notes = source.notes, environment = source.environment
   FROM run JOIN attempt source ON source.run_id = run.id AND source.number = run.attempt
   WHERE run.id = $3 AND attempt.run_id = $1 AND attempt.number = $2`,
];

const FINISH = `
  UPDATE run SET state = 'succeeded', cause = 'completed', finished_at = now(), stop_reason = NULL, progress = source.progress,
    val_accuracy = source.val_accuracy, val_loss = source.val_loss, train_accuracy = source.train_accuracy,
    test_accuracy = source.test_accuracy, test_loss = source.test_loss, best_epoch = source.best_epoch,
    samples_per_second = source.samples_per_second, peak_memory_bytes = source.peak_memory_bytes,
    reused_from = coalesce(source.reused_from, source.id), reused_seconds = coalesce(source.reused_seconds, source.useful_seconds)
  FROM run source WHERE source.id = $3 AND run.id = $1 AND run.attempt = $2
  RETURNING run.reused_from AS "from", run.val_accuracy AS "valAccuracy", run.test_accuracy AS "testAccuracy"`;

/**
 * Finishes a claimed run with the result of an equal one, all or nothing: it succeeds without training, and its attempt takes no time. A run that its search wants to see earlier
 * rests there, without a checkpoint: should the other run be gone when it is sent on, it is trained from its start. Null, with nothing written, if there is no equal
 * run on this data (any more), or the attempt is no longer held or is asked to stop.
 */
export const reuseRun = (
  db: Database,
  { runId, attempt, code, data }: RunJob & { code: string; data: string },
): Promise<Reused | null> =>
  inTransaction(db, async (client) => {
    // First those whose checkpoints are their own.
    const [source] = await queryRows(
      client,
      Found,
      `SELECT equal.run_id AS id FROM run JOIN config ON config.id = run.config_id
       JOIN ${EQUAL_RUNS} equal ON equal.hash = config.hash AND equal.seed = run.seed AND equal.code = $2 AND equal.data = $3
       WHERE run.id = $1 ORDER BY equal.is_origin DESC, equal.finished_at LIMIT 1`,
      [runId, code, data],
    );
    if (source === undefined) return null;
    // Both are locked, so that neither is deleted or changed meanwhile.
    const locked = await queryRows(
      client,
      Locked,
      `SELECT id, until_epoch AS until FROM run WHERE id = $1 AND attempt = $2 AND state = 'running' AND cancel_requested_at IS NULL AND stop_reason IS NULL
         OR id = $3 AND state = 'succeeded' ORDER BY id FOR NO KEY UPDATE`,
      [runId, attempt, source.id],
    );
    if (locked.length < 2) return null;
    const until = locked.find(({ id }) => id === runId)?.until ?? null;
    if (until !== null) {
      const [reached] = await queryRows(client, Reached, REACHED, [source.id, until]);
      if (reached === undefined) return null;
      const rest = { runId, attempt, epoch: until, ...reached };
      return (await restHeldRun(client, rest, { untrained: true })) && { from: source.id, reached: until };
    }
    for (const table of LEFT) await client.query(`DELETE FROM ${table} WHERE run_id = $1`, [runId]);
    const values = [runId, attempt, source.id];
    for (const copy of COPIES) await client.query(copy, values);
    const [finished] = await queryRows(client, Finished, FINISH, values);
    await summariseCurves(client, runId);
    return finished ?? null;
  });
