-- One row per measured value. The first version wrote "metric"; this version writes "metric_chunk".
CREATE OR REPLACE VIEW "metric_point" AS
SELECT "run_id", "name", "step", "epoch", "value", "attempt" FROM "metric"
UNION ALL
SELECT chunk."run_id", measure."name", point."step", point."epoch", point."reading", chunk."attempt"
FROM "metric_chunk" chunk
CROSS JOIN LATERAL unnest(chunk."measures", chunk."steps", chunk."epochs", chunk."readings") AS point("measure", "step", "epoch", "reading")
JOIN "measure" measure ON measure."id" = point."measure";
