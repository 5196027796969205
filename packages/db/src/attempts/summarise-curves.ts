import type { Queryable } from '../rows.ts';

/** Buckets of a summary: as many points as a curve has unless a request asks for another number. */
export const SUMMARY_BUCKETS = 256;

const STATEMENT = `
  WITH range AS MATERIALIZED (
    SELECT max(last) AS last, greatest(1, ceil((max(last) + 1)::float8 / $2))::integer AS width FROM metric_chunk WHERE run_id = $1
  ), bucketed AS (
    SELECT point.measure, point.step / range.width AS bucket, avg(point.step) AS step, avg(point.epoch) AS epoch, count(*) AS points,
      min(point.reading) AS least, avg(point.reading) AS mean, max(point.reading) AS greatest,
      (array_agg(point.reading ORDER BY point.step DESC))[1] AS last
    FROM range CROSS JOIN metric_chunk chunk
    CROSS JOIN LATERAL unnest(chunk.measures, chunk.steps, chunk.epochs, chunk.readings) AS point(measure, step, epoch, reading)
    WHERE chunk.run_id = $1 AND point.reading IS NOT NULL
    GROUP BY point.measure, point.step / range.width
  )
  INSERT INTO curve_summary (run_id, measure_id, last_step, steps, epochs, points, least, means, greatest, lasts)
  SELECT $1, bucketed.measure, range.last, array_agg(step ORDER BY bucket), array_agg(epoch ORDER BY bucket),
    array_agg(points ORDER BY bucket), array_agg(least ORDER BY bucket), array_agg(mean ORDER BY bucket),
    array_agg(greatest ORDER BY bucket), array_agg(bucketed.last ORDER BY bucket)
  FROM bucketed CROSS JOIN range GROUP BY bucketed.measure, range.last HAVING sum(points) > $2
  ON CONFLICT (run_id, measure_id) DO NOTHING`;

/** Summarises the curves of a run that has succeeded, so that none of its values changes any more. Idempotent. */
export async function summariseCurves(db: Queryable, runId: string): Promise<void> {
  await db.query({ name: 'summarise-curves', text: STATEMENT, values: [runId, SUMMARY_BUCKETS] });
}
