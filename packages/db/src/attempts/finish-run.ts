import { type Progress, RunJob, type RunResult } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { finite } from './record-metrics.ts';

export type Finish = RunJob & {
  result: RunResult;
  progress?: Progress;
  /** Of the attempt that finishes the run; null for what its machine does not report. */
  peakMemoryBytes?: number | null;
  energyJoules?: number | null;
};

const STATEMENT = `
  WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1) AS asked(
      "runId" uuid, attempt integer, "valAccuracy" float8, "valLoss" float8, "trainAccuracy" float8, "testAccuracy" float8,
      "testLoss" float8, "bestEpoch" integer, "samplesPerSecond" float8, progress jsonb, "peakMemoryBytes" bigint, "energyJoules" float8)
  ), held AS MATERIALIZED (
    SELECT asked.* FROM asked JOIN run ON run.id = asked."runId" AND run.attempt = asked.attempt AND run.state = 'running'
    ORDER BY run.id FOR UPDATE OF run
  ), finished AS (
    UPDATE run SET state = 'succeeded', cause = 'completed', finished_at = now(), stop_reason = NULL,
      val_accuracy = held."valAccuracy", val_loss = held."valLoss", train_accuracy = held."trainAccuracy",
      test_accuracy = held."testAccuracy", test_loss = held."testLoss", best_epoch = held."bestEpoch",
      samples_per_second = held."samplesPerSecond", peak_memory_bytes = held."peakMemoryBytes",
      energy_joules = held."energyJoules", progress = coalesce(held.progress, run.progress)
    FROM held WHERE run.id = held."runId" AND run.attempt = held.attempt AND run.state = 'running'
    RETURNING run.id, run.attempt
  ), ended AS (
    UPDATE attempt SET cause = 'completed', ended_at = now() FROM finished
    WHERE attempt.run_id = finished.id AND attempt.number = finished.attempt
  )
  SELECT id AS "runId", attempt FROM finished
  UNION ALL
  SELECT attempt.run_id, attempt.number FROM asked
  JOIN attempt ON attempt.run_id = asked."runId" AND attempt.number = asked.attempt AND attempt.cause = 'completed'`;

/**
 * Completes runs with their final figures, in one statement: they succeed. False, with nothing written, for each attempt that
 * is no longer held. Idempotent: the attempt that completed the run gets true again.
 */
export async function finishRuns({ pool }: Database, finishes: readonly Finish[]): Promise<boolean[]> {
  const rows = await queryRows(pool, RunJob, {
    name: 'finish-runs',
    text: STATEMENT,
    values: [
      JSON.stringify(
        finishes.map(({ result, ...finish }) => ({
          ...{ ...finish, ...result },
          ...{ valLoss: finite(result.valLoss), testLoss: finite(result.testLoss) },
        })),
      ),
    ],
  });
  return finishes.map(({ runId, attempt }) => rows.some((row) => row.runId === runId && row.attempt === attempt));
}

/** `finishRuns` for one run. */
export async function finishRun(db: Database, finish: Finish): Promise<boolean> {
  const [finished] = await finishRuns(db, [finish]);
  return finished ?? false;
}
