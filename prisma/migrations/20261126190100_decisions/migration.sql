-- AlterTable
ALTER TABLE "run" ADD COLUMN     "reached_accuracy" DOUBLE PRECISION,
ADD COLUMN     "reached_epoch" INTEGER,
ADD COLUMN     "reached_loss" DOUBLE PRECISION,
ADD COLUMN     "until_epoch" INTEGER;

-- AlterTable
ALTER TABLE "sweep" ADD COLUMN     "searching" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "decision" (
    "sweep_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "config" INTEGER,
    "run" INTEGER,
    "entry" JSONB NOT NULL,
    "inputs" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("sweep_id","number")
);

-- CreateTable
CREATE TABLE "awaited" (
    "sweep_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "run" INTEGER NOT NULL,

    CONSTRAINT "awaited_pkey" PRIMARY KEY ("sweep_id","number")
);

-- AddForeignKey
ALTER TABLE "awaited" ADD CONSTRAINT "awaited_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decision" ADD CONSTRAINT "decision_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Found at every tick.
CREATE INDEX "sweep_searching_idx" ON "sweep"("id") WHERE "searching";

-- A sweep whose search may still ask for runs has work left, also while none is queued.
CREATE OR REPLACE FUNCTION "sweep_finished"("of_sweep" UUID) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT FROM "run" WHERE "run"."sweep_id" = "of_sweep" AND "run"."state" IN ('queued', 'running'))
    AND NOT EXISTS (SELECT FROM "sweep" WHERE "sweep"."id" = "of_sweep" AND "sweep"."searching" AND "sweep"."cancelled_at" IS NULL)
$$;

-- The end of a search is an event: without it, nothing would say that a sweep is finished whose last run ended before.
CREATE FUNCTION "log_search_end"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "before", "state", "message")
  VALUES ('sweep', NEW."id", 'running', 'running', 'the search has ended');
  RETURN NULL;
END $$;

CREATE TRIGGER "log_search_end" AFTER UPDATE ON "sweep" FOR EACH ROW
  WHEN (OLD."searching" AND NOT NEW."searching") EXECUTE FUNCTION "log_search_end"();

-- As before, but a sweep may also finish with the end of its search.
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
    RETURNING "event"."id", "event"."number", "event"."sweep_id", "event"."subject", "event"."before", "event"."state"
  ), finished AS (
    INSERT INTO "event" ("number", "subject", "sweep_id", "before", "state")
    SELECT (SELECT max("number") FROM numbered) + row_number() OVER (ORDER BY over."sweep_id"), 'sweep', over."sweep_id", 'running', 'finished'
    FROM (SELECT DISTINCT "sweep_id" FROM numbered
      WHERE ("subject" = 'run' AND "state" IN ('succeeded', 'failed', 'cancelled', 'pruned'))
        OR ("subject" = 'sweep' AND "before" = 'running' AND "state" = 'running')) over
    WHERE "sweep_finished"(over."sweep_id")
      AND NOT EXISTS (SELECT FROM "event" later WHERE later."number" IS NULL AND later."sweep_id" = over."sweep_id"
        AND later."id" > (SELECT max("id") FROM numbered))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM numbered) + (SELECT count(*) FROM finished) INTO given;
  RETURN given;
END $$;

-- The log of every search that decides, in order.
CREATE OR REPLACE VIEW "reporting"."decisions" AS
SELECT sweep."name" AS sweep, decision."number", decision."kind", decision."config", decision."run",
  coalesce(decision."entry" -> 'decision', decision."entry" -> 'result', decision."entry") AS details,
  decision."inputs", decision."at", decision."sweep_id"
FROM "decision" decision JOIN "sweep" sweep ON sweep."id" = decision."sweep_id";

COMMENT ON VIEW "reporting"."decisions" IS 'One row per decision of a search, and per result or limit that it followed from, in order (docs/search.md).';
COMMENT ON COLUMN "reporting"."decisions"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."decisions"."number" IS 'Place in the log of the sweep, from 0';
COMMENT ON COLUMN "reporting"."decisions"."kind" IS 'sampler, config, train, stop, ranks, enough, confirm or finish; result or limit for what was decided on';
COMMENT ON COLUMN "reporting"."decisions"."config" IS 'Config that it names, as config_position of the view "runs"; null if it names none, or several';
COMMENT ON COLUMN "reporting"."decisions"."run" IS 'Number of the run that it names, in the order in which the search asked for them';
COMMENT ON COLUMN "reporting"."decisions"."details" IS 'All of it, as one JSON object';
COMMENT ON COLUMN "reporting"."decisions"."inputs" IS 'SHA-256 of the search and of every row before; null for a result or a limit';
COMMENT ON COLUMN "reporting"."decisions"."at" IS 'When it was committed';
COMMENT ON COLUMN "reporting"."decisions"."sweep_id" IS 'Id of the sweep';
