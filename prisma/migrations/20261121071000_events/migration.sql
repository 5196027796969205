-- CreateEnum
CREATE TYPE "event_subject" AS ENUM ('sweep', 'run', 'attempt');

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "number" BIGINT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "subject" "event_subject" NOT NULL,
    "sweep_id" UUID NOT NULL,
    "run_id" UUID,
    "attempt" INTEGER,
    "before" TEXT,
    "state" TEXT NOT NULL,
    "cause" "cause",
    "message" TEXT,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "event_number_key" ON "event"("number");

-- CreateIndex
CREATE INDEX "event_sweep_id_number_idx" ON "event"("sweep_id", "number");

-- CreateIndex
CREATE INDEX "event_run_id_number_idx" ON "event"("run_id", "number");

-- CreateIndex: what is committed and has no place in the log yet.
CREATE INDEX "event_unnumbered_idx" ON "event"("id") WHERE "number" IS NULL;

-- Triggers write the log: whatever client changes a state, of whatever version, the event is part of the same statement.
CREATE FUNCTION "log_runs_queued"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "before", "state", "message")
  SELECT 'sweep', queued."sweep_id", CASE WHEN EXISTS (SELECT FROM "event" WHERE "sweep_id" = queued."sweep_id") THEN 'queued' END,
    'queued', format('%s runs queued', count(*))
  FROM queued GROUP BY queued."sweep_id";
  RETURN NULL;
END $$;

CREATE TRIGGER "log_runs_queued" AFTER INSERT ON "run" REFERENCING NEW TABLE AS queued
  FOR EACH STATEMENT EXECUTE FUNCTION "log_runs_queued"();

CREATE FUNCTION "log_run"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "run_id", "attempt", "before", "state", "cause", "message")
  VALUES ('run', NEW."sweep_id", NEW."id", NEW."attempt", OLD."state", NEW."state", NEW."cause", left(NEW."message", 2000));
  RETURN NULL;
END $$;

CREATE TRIGGER "log_run" AFTER UPDATE ON "run" FOR EACH ROW
  WHEN (OLD."state" IS DISTINCT FROM NEW."state") EXECUTE FUNCTION "log_run"();

CREATE FUNCTION "log_cancel_request"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "run_id", "attempt", "before", "state", "cause", "message")
  VALUES ('run', NEW."sweep_id", NEW."id", NEW."attempt", OLD."state", NEW."state", 'cancelled', 'asked to stop');
  RETURN NULL;
END $$;

CREATE TRIGGER "log_cancel_request" AFTER UPDATE ON "run" FOR EACH ROW
  WHEN (OLD."cancel_requested_at" IS NULL AND NEW."cancel_requested_at" IS NOT NULL AND OLD."state" = NEW."state")
  EXECUTE FUNCTION "log_cancel_request"();

CREATE FUNCTION "log_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "run_id", "attempt", "before", "state", "cause", "message")
  SELECT 'attempt', run."sweep_id", NEW."run_id", NEW."number",
    CASE WHEN TG_OP = 'UPDATE' THEN 'running' END,
    CASE WHEN TG_OP = 'UPDATE' THEN 'ended' ELSE 'running' END,
    NEW."cause", coalesce(left(NEW."message", 2000), 'by ' || NEW."worker")
  FROM "run" run WHERE run."id" = NEW."run_id";
  RETURN NULL;
END $$;

CREATE TRIGGER "log_attempt_started" AFTER INSERT ON "attempt" FOR EACH ROW EXECUTE FUNCTION "log_attempt"();

CREATE TRIGGER "log_attempt_ended" AFTER UPDATE ON "attempt" FOR EACH ROW
  WHEN (OLD."ended_at" IS NULL AND NEW."ended_at" IS NOT NULL) EXECUTE FUNCTION "log_attempt"();

CREATE FUNCTION "log_sweep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "before", "state", "cause")
  VALUES ('sweep', NEW."id",
    CASE WHEN OLD."cancelled_at" IS NULL THEN 'queued' ELSE 'cancelled' END,
    CASE WHEN NEW."cancelled_at" IS NULL THEN 'queued' ELSE 'cancelled' END,
    CASE WHEN NEW."cancelled_at" IS NOT NULL THEN 'cancelled'::"cause" END);
  RETURN NULL;
END $$;

CREATE TRIGGER "log_sweep" AFTER UPDATE ON "sweep" FOR EACH ROW
  WHEN ((OLD."cancelled_at" IS NULL) <> (NEW."cancelled_at" IS NULL)) EXECUTE FUNCTION "log_sweep"();

-- Gives what is committed its number, without gaps, and says which sweeps are finished; how many events are new.
-- Ids are drawn before a commit, so a reader that follows them misses whoever commits late; numbers are given after it,
-- by one caller at a time. Two changes of one row keep their order: the second waits for the commit of the first.
CREATE FUNCTION "number_events"("at_most" INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  given INTEGER;
BEGIN
  IF NOT pg_try_advisory_xact_lock(4711003) THEN
    RETURN 0; -- another does it now
  END IF;
  WITH fresh AS (
    SELECT "id", row_number() OVER (ORDER BY "id") + coalesce((SELECT max("number") FROM "event"), 0) AS place
    FROM (SELECT "id" FROM "event" WHERE "number" IS NULL ORDER BY "id" LIMIT "at_most") waiting
  ), numbered AS (
    UPDATE "event" SET "number" = fresh.place FROM fresh WHERE "event"."id" = fresh."id"
    RETURNING "event"."id", "event"."number", "event"."sweep_id", "event"."subject", "event"."state"
  ), finished AS (
    INSERT INTO "event" ("number", "subject", "sweep_id", "before", "state")
    SELECT (SELECT max("number") FROM numbered) + row_number() OVER (ORDER BY over."sweep_id"), 'sweep', over."sweep_id", 'running', 'finished'
    FROM (SELECT DISTINCT "sweep_id" FROM numbered
      WHERE "subject" = 'run' AND "state" IN ('succeeded', 'failed', 'cancelled', 'pruned')) over
    WHERE NOT EXISTS (SELECT FROM "run" WHERE "run"."sweep_id" = over."sweep_id" AND "run"."state" IN ('queued', 'running'))
      AND NOT EXISTS (SELECT FROM "event" later WHERE later."number" IS NULL AND later."sweep_id" = over."sweep_id"
        AND later."id" > (SELECT max("id") FROM numbered))
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM numbered) + (SELECT count(*) FROM finished) INTO given;
  RETURN given;
END $$;

-- Every change of a state, in order. `number` is null for what has not been given its place yet.
CREATE VIEW "reporting"."events" AS
SELECT event."number", event."at", sweep."name" AS sweep, event."subject"::text AS subject, event."run_id" AS run, event."attempt",
  event."before", event."state", event."cause"::text AS cause, event."message", event."sweep_id", event."id"
FROM "event" event
LEFT JOIN "sweep" sweep ON sweep."id" = event."sweep_id";
