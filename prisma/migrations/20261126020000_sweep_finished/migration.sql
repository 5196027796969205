-- Whether a sweep has no work left. The only definition: `number_events` and the verbs of packages/sweeps call it, so a search
-- that chooses configs as results come in needs to replace only this function.
CREATE FUNCTION "sweep_finished"("of_sweep" UUID) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT FROM "run" WHERE "run"."sweep_id" = "of_sweep" AND "run"."state" IN ('queued', 'running'))
$$;

-- As before, but with `sweep_finished`.
CREATE OR REPLACE FUNCTION "number_events"("at_most" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  given INTEGER;
BEGIN
  IF NOT pg_try_advisory_xact_lock(4711003) THEN
    RETURN 0; -- another process is numbering
  END IF;
  WITH fresh AS (
    SELECT "id", row_number() OVER (ORDER BY "id") + coalesce((SELECT max("number") FROM "event"), 0) AS next
    FROM (SELECT "id" FROM "event" WHERE "number" IS NULL ORDER BY "id" LIMIT "at_most") waiting
  ), numbered AS (
    UPDATE "event" SET "number" = fresh.next FROM fresh WHERE "event"."id" = fresh."id"
    RETURNING "event"."id", "event"."number", "event"."sweep_id", "event"."subject", "event"."state"
  ), finished AS (
    INSERT INTO "event" ("number", "subject", "sweep_id", "before", "state")
    SELECT (SELECT max("number") FROM numbered) + row_number() OVER (ORDER BY over."sweep_id"), 'sweep', over."sweep_id", 'running', 'finished'
    FROM (SELECT DISTINCT "sweep_id" FROM numbered
      WHERE "subject" = 'run' AND "state" IN ('succeeded', 'failed', 'cancelled', 'pruned')) over
    WHERE "sweep_finished"(over."sweep_id")
      AND NOT EXISTS (SELECT FROM "event" later WHERE later."number" IS NULL AND later."sweep_id" = over."sweep_id"
        AND later."id" > (SELECT max("id") FROM numbered))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM numbered) + (SELECT count(*) FROM finished) INTO given;
  RETURN given;
END $$;
