import type { Metric, RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

export type MetricsWrite = RunJob & { rows: readonly Metric[] };

/** A figure as it is stored: null if it is not finite, since neither JSON nor an average can hold it. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Most points of a chunk, unless one write has more. A row stays below the 2 kB above which PostgreSQL moves values out of line, so appending stays cheap. */
const CHUNK_POINTS = 72;

/**
 * 1. Locks the runs whose attempts are held, in the order of their ids.
 * 2. Keeps the last of the given points with the same measure and step.
 * 3. Appends them to the attempt's newest chunk, or starts a chunk, and removes older points with the same measure and step, of
 *    this attempt or an earlier one.
 *
 * A chunk that changed since the statement began is left alone: its run returns `written` false, and the statement is retried.
 */
const STATEMENT = `
  WITH given AS MATERIALIZED (
    SELECT point.*, measure.id AS measure
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[], $5::float8[], $6::float8[])
      WITH ORDINALITY AS point(run_id, attempt, name, step, epoch, reading, ordinal)
    LEFT JOIN measure ON measure.name = point.name
  ), held AS MATERIALIZED (
    SELECT run.id AS run_id, asked.attempt, asked.first
    FROM (SELECT run_id, attempt, min(step) AS first FROM given GROUP BY run_id, attempt) asked
    JOIN run ON run.id = asked.run_id AND run.attempt = asked.attempt AND run.state = 'running'
    WHERE NOT EXISTS (SELECT FROM given WHERE measure IS NULL)
    ORDER BY run.id FOR NO KEY UPDATE OF run
  ), fresh AS MATERIALIZED (
    SELECT DISTINCT ON (given.run_id, given.step, given.measure) given.*
    FROM given JOIN held ON held.run_id = given.run_id AND held.attempt = given.attempt
    ORDER BY given.run_id, given.step, given.measure, given.ordinal DESC
  ), packed AS MATERIALIZED (
    SELECT run_id, attempt, count(*) AS points, max(step) AS last, array_agg(measure ORDER BY step, measure) AS measures,
      array_agg(step ORDER BY step, measure) AS steps, array_agg(epoch ORDER BY step, measure) AS epochs,
      array_agg(reading ORDER BY step, measure) AS readings
    FROM fresh GROUP BY run_id, attempt
  ), tail AS MATERIALIZED (
    SELECT DISTINCT ON (chunk.run_id) chunk.run_id, chunk.attempt, chunk.number,
      cardinality(chunk.steps) + packed.points <= $7 AS takes
    FROM packed JOIN metric_chunk chunk ON chunk.run_id = packed.run_id AND chunk.attempt = packed.attempt
    ORDER BY chunk.run_id, chunk.number DESC
  ), touched AS MATERIALIZED (
    SELECT chunk.run_id, chunk.attempt, chunk.number, cardinality(chunk.steps) AS points,
      chunk.last >= held.first AS overlaps, coalesce(tail.takes, false) AS takes
    FROM held JOIN metric_chunk chunk ON chunk.run_id = held.run_id
    LEFT JOIN tail ON tail.run_id = chunk.run_id AND tail.attempt = chunk.attempt AND tail.number = chunk.number
    WHERE chunk.last >= held.first OR tail.takes
  ), kept AS MATERIALIZED (
    SELECT chunk.run_id, chunk.attempt, chunk.number, array_agg(point.measure ORDER BY point.ordinal) AS measures,
      array_agg(point.step ORDER BY point.ordinal) AS steps, array_agg(point.epoch ORDER BY point.ordinal) AS epochs,
      array_agg(point.reading ORDER BY point.ordinal) AS readings
    FROM touched JOIN metric_chunk chunk USING (run_id, attempt, number)
    CROSS JOIN LATERAL unnest(chunk.measures, chunk.steps, chunk.epochs, chunk.readings)
      WITH ORDINALITY AS point(measure, step, epoch, reading, ordinal)
    WHERE touched.overlaps
      AND NOT EXISTS (SELECT FROM fresh WHERE fresh.run_id = chunk.run_id AND fresh.step = point.step AND fresh.measure = point.measure)
    GROUP BY chunk.run_id, chunk.attempt, chunk.number
  ), changed AS (
    UPDATE metric_chunk chunk SET
      last = CASE WHEN touched.takes THEN greatest(chunk.last, packed.last) ELSE chunk.last END,
      measures = CASE WHEN touched.overlaps THEN coalesce(kept.measures, '{}') ELSE chunk.measures END
        || CASE WHEN touched.takes THEN packed.measures ELSE '{}' END,
      steps = CASE WHEN touched.overlaps THEN coalesce(kept.steps, '{}') ELSE chunk.steps END
        || CASE WHEN touched.takes THEN packed.steps ELSE '{}' END,
      epochs = CASE WHEN touched.overlaps THEN coalesce(kept.epochs, '{}') ELSE chunk.epochs END
        || CASE WHEN touched.takes THEN packed.epochs ELSE '{}' END,
      readings = CASE WHEN touched.overlaps THEN coalesce(kept.readings, '{}') ELSE chunk.readings END
        || CASE WHEN touched.takes THEN packed.readings ELSE '{}' END
    FROM touched JOIN packed ON packed.run_id = touched.run_id
    LEFT JOIN kept ON kept.run_id = touched.run_id AND kept.attempt = touched.attempt AND kept.number = touched.number
    WHERE chunk.run_id = touched.run_id AND chunk.attempt = touched.attempt AND chunk.number = touched.number
      AND cardinality(chunk.steps) = touched.points
    RETURNING chunk.run_id
  ), begun AS (
    INSERT INTO metric_chunk (run_id, attempt, number, last, measures, steps, epochs, readings)
    SELECT packed.run_id, packed.attempt, coalesce(tail.number, 0) + 1, packed.last, packed.measures, packed.steps,
      packed.epochs, packed.readings
    FROM packed LEFT JOIN tail ON tail.run_id = packed.run_id
    WHERE NOT coalesce(tail.takes, false)
  ), replaced AS (
    DELETE FROM metric USING fresh
    WHERE metric.run_id = fresh.run_id AND metric.name = fresh.name AND metric.step = fresh.step
  )
  SELECT held.run_id AS "runId", held.attempt, EXISTS (SELECT FROM given WHERE measure IS NULL) AS unknown,
    (SELECT count(*) FROM touched WHERE run_id = held.run_id) = (SELECT count(*) FROM changed WHERE run_id = held.run_id) AS written
  FROM held
  UNION ALL
  SELECT NULL, NULL, true, false WHERE EXISTS (SELECT FROM given WHERE measure IS NULL)`;

const Row = z.object({
  runId: z.string().nullable(),
  attempt: z.int().nullable(),
  unknown: z.boolean().describe('A name is missing in `measure`; nothing was written'),
  written: z.boolean(),
});

/**
 * Writes metrics of several attempts in one statement; a step that was written before is overwritten. False, with nothing
 * written, for each attempt that is no longer held.
 */
export async function recordAllMetrics({ pool }: Database, writes: readonly MetricsWrite[]): Promise<boolean[]> {
  const points = writes.flatMap(({ runId, attempt, rows }) => rows.map((row) => ({ runId, attempt, ...row })));
  const values = [
    points.map(({ runId }) => runId),
    points.map(({ attempt }) => attempt),
    points.map(({ name }) => name),
    points.map(({ step }) => step),
    points.map(({ epoch }) => epoch),
    points.map(({ value }) => finite(value)),
    CHUNK_POINTS,
  ];
  for (;;) {
    const rows = await queryRows(pool, Row, {
      name: 'record-metrics',
      text: STATEMENT,
      values,
    });
    if (rows.some(({ unknown }) => unknown))
      await pool.query('INSERT INTO measure (name) SELECT DISTINCT unnest($1::text[]) ON CONFLICT DO NOTHING', [
        points.map(({ name }) => name),
      ]);
    else if (rows.every(({ written }) => written)) {
      const held = new Set(rows.map(({ runId, attempt }) => `${runId} ${attempt}`));
      return writes.map(({ runId, attempt, rows: of }) => of.length === 0 || held.has(`${runId} ${attempt}`));
    }
  }
}

/** `recordAllMetrics` for one attempt. */
export async function recordMetrics(db: Database, write: MetricsWrite): Promise<boolean> {
  const [held] = await recordAllMetrics(db, [write]);
  return held ?? false;
}
