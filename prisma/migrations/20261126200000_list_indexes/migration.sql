-- AlterTable
ALTER TABLE "sweep" ADD COLUMN     "device_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "sweep_device_seconds_id_idx" ON "sweep"("device_seconds", "id");

-- The runs that have not ended, which are few among those of many sweeps.
CREATE INDEX "run_sweep_id_idx" ON "run"("sweep_id") WHERE "state" IN ('queued', 'running');

-- The sweeps that may have work left: those of which "sweep_finished" can be false. One look at the index for each of them, so
-- that 100,000 waiting runs of a sweep cost no more than one.
CREATE FUNCTION "unfinished_sweeps"() RETURNS SETOF UUID LANGUAGE sql STABLE AS $$
  WITH RECURSIVE next AS (
    (SELECT "sweep_id" FROM "run" WHERE "state" IN ('queued', 'running') ORDER BY "sweep_id" LIMIT 1)
    UNION ALL
    SELECT (SELECT run."sweep_id" FROM "run" run WHERE run."state" IN ('queued', 'running') AND run."sweep_id" > next."sweep_id"
      ORDER BY run."sweep_id" LIMIT 1)
    FROM next WHERE next."sweep_id" IS NOT NULL
  )
  SELECT "sweep_id" FROM next WHERE "sweep_id" IS NOT NULL
$$;

-- As before, but also a run that ended without a result makes the stored figures of its sweep stale: the leader sums the device time
-- of a sweep when it stores its answers.
CREATE OR REPLACE FUNCTION "rewrite_cells_of_runs"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed UUID[] := ARRAY(SELECT "config_id" FROM changed_runs WHERE "state" = 'succeeded');
BEGIN
  IF changed <> '{}' THEN PERFORM "rewrite_cells"(changed); END IF;
  INSERT INTO "cell_change" ("sweep_id")
  SELECT DISTINCT "sweep_id" FROM changed_runs WHERE "state" IN ('failed', 'cancelled', 'pruned') AND "attempt" > 0;
  RETURN NULL;
END $$;

-- The sweeps of earlier versions.
UPDATE "sweep" SET "device_seconds" = spent.seconds
FROM (SELECT "sweep_id", coalesce(sum("useful_seconds"), 0) + coalesce(sum("lost_seconds"), 0) AS seconds FROM "run" GROUP BY "sweep_id") spent
WHERE "sweep"."id" = spent."sweep_id" AND spent.seconds > 0;
