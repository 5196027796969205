import type { Metric, RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { finite } from './finite.ts';

export type MetricsWrite = RunJob & { rows: readonly Metric[] };

/** Points of a chunk at most, unless more are written at once: so many stay below the 2 kB above which PostgreSQL moves a row's values out of it, and appending stays cheap. */
const CHUNK_POINTS = 72;

/**
 * The runs whose attempts are held are locked, in one order; what is given of them is sorted out, of a step that is given
 * twice the last; then it is appended to the attempt's newest chunk, or begins one. Points of the same measure and step that
 * are there already, of this attempt or of one before, are taken out in the same statement. A chunk that changed since the
 * statement began is left alone: its run is answered with `written` false, and all of it is done again.
 */
const STATEMENT = `
  WITH given AS MATERIALIZED (
    SELECT point.*, measure.id AS measure
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[], $5::float8[], $6::float8[])
      WITH ORDINALITY AS point(run_id, attempt, name, step, epoch, reading, place)
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
    ORDER BY given.run_id, given.step, given.measure, given.place DESC
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
    SELECT chunk.run_id, chunk.attempt, chunk.number, array_agg(point.measure ORDER BY point.place) AS measures,
      array_agg(point.step ORDER BY point.place) AS steps, array_agg(point.epoch ORDER BY point.place) AS epochs,
      array_agg(point.reading ORDER BY point.place) AS readings
    FROM touched JOIN metric_chunk chunk USING (run_id, attempt, number)
    CROSS JOIN LATERAL unnest(chunk.measures, chunk.steps, chunk.epochs, chunk.readings)
      WITH ORDINALITY AS point(measure, step, epoch, reading, place)
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

/**
 * Write metrics of several attempts in one statement; a step written before is written over. False for each attempt that
 * is not held any more: nothing of it is written.
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
    const { rows } = await pool.query<RunJob & { unknown: boolean; written: boolean }>({
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

/** `recordAllMetrics` of one attempt. */
export async function recordMetrics(db: Database, write: MetricsWrite): Promise<boolean> {
  const [held] = await recordAllMetrics(db, [write]);
  return held ?? false;
}
