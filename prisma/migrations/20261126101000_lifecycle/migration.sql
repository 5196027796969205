-- CreateTable
CREATE TABLE "worker" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "device" TEXT,
    "lease_seconds" DOUBLE PRECISION NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "worker_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "installation" (
    "database" OID NOT NULL,
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),

    CONSTRAINT "installation_pkey" PRIMARY KEY ("database")
);

-- CreateIndex
CREATE INDEX "worker_name_idx" ON "worker"("name");

-- One row per worker process: where it runs, what it can train at a time, and whether it is alive.
CREATE OR REPLACE VIEW "reporting"."workers" AS
SELECT
  worker."name" AS worker,
  CASE WHEN worker."stopped_at" IS NOT NULL THEN 'stopped'
    WHEN worker."heartbeat_at" < now() - make_interval(secs => worker."lease_seconds") THEN 'lost'
    ELSE 'alive' END AS state,
  worker."slots",
  (SELECT count(*)::integer FROM "run" run
    JOIN "attempt" attempt ON attempt."run_id" = run."id" AND attempt."number" = run."attempt"
    WHERE run."state" = 'running' AND attempt."worker" = worker."name" AND attempt."started_at" >= worker."started_at") AS running,
  worker."device",
  worker."host",
  worker."pid",
  worker."version",
  worker."lease_seconds",
  worker."started_at",
  worker."heartbeat_at",
  worker."stopped_at",
  worker."id" AS worker_id
FROM "worker" worker;

COMMENT ON VIEW "reporting"."workers" IS 'One row per worker process of the last 30 days: where it runs, what it can train at a time, and whether it is alive.';
COMMENT ON COLUMN "reporting"."workers".worker IS 'Name, HOST/PID, as in the column "worker" of the view "runs".';
COMMENT ON COLUMN "reporting"."workers".state IS 'alive; stopped: it shut down; lost: no heartbeat within its lease.';
COMMENT ON COLUMN "reporting"."workers"."slots" IS 'Runs that it trains at a time (ABLATE_SLOTS).';
COMMENT ON COLUMN "reporting"."workers".running IS 'Runs that it trains now.';
COMMENT ON COLUMN "reporting"."workers"."device" IS 'Device and model that its trainers use; null if unknown.';
COMMENT ON COLUMN "reporting"."workers"."host" IS 'Host name of its machine.';
COMMENT ON COLUMN "reporting"."workers"."pid" IS 'Process id on that machine.';
COMMENT ON COLUMN "reporting"."workers"."version" IS 'Version of Ablate, and the Git commit of its code.';
COMMENT ON COLUMN "reporting"."workers"."lease_seconds" IS 'Seconds without a heartbeat after which it is lost, and its runs go to another worker (ABLATE_LEASE_SECONDS).';
COMMENT ON COLUMN "reporting"."workers"."started_at" IS 'When it became ready.';
COMMENT ON COLUMN "reporting"."workers"."heartbeat_at" IS 'Its last heartbeat, by the clock of the database.';
COMMENT ON COLUMN "reporting"."workers"."stopped_at" IS 'When it shut down; null if it did not.';
COMMENT ON COLUMN "reporting"."workers".worker_id IS 'Identifies the process: host and pid may repeat.';

-- The messages of these events, in the words of the commands.
CREATE OR REPLACE FUNCTION "log_cancel_request"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "run_id", "attempt", "before", "state", "cause", "message")
  VALUES ('run', NEW."sweep_id", NEW."id", NEW."attempt", OLD."state", NEW."state", 'cancelled',
    'cancel requested' || coalesce(': ' || left(nullif(NEW."stop_reason", 'cancelled by a user'), 2000), ''));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "log_run_asked"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "run_id", "attempt", "before", "state", "message")
  VALUES ('run', NEW."sweep_id", NEW."id", NEW."attempt", OLD."state", NEW."state",
    CASE WHEN OLD."paused_at" IS NULL AND NEW."paused_at" IS NOT NULL THEN 'paused by a user'
      WHEN OLD."paused_at" IS NOT NULL AND NEW."paused_at" IS NULL THEN 'resumed by a user'
      ELSE coalesce('stop requested: ' || left(NEW."stop_reason", 2000), 'stop request withdrawn') END);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "log_sweep_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "before", "state", "message")
  VALUES ('sweep', NEW."id", CASE WHEN OLD."paused_at" IS NULL THEN 'queued' ELSE 'paused' END,
    CASE WHEN NEW."paused_at" IS NULL THEN 'queued' ELSE 'paused' END,
    concat_ws(', ',
      CASE WHEN OLD."paused_at" IS NULL AND NEW."paused_at" IS NOT NULL THEN 'paused by a user' END,
      CASE WHEN OLD."paused_at" IS NOT NULL AND NEW."paused_at" IS NULL THEN 'resumed by a user' END,
      CASE WHEN OLD."priority" <> NEW."priority" THEN format('priority %s', NEW."priority") END,
      CASE WHEN OLD."max_running" IS DISTINCT FROM NEW."max_running" THEN 'limit of concurrent runs: ' || coalesce(NEW."max_running"::text, 'none') END,
      CASE WHEN OLD."device_hours" IS DISTINCT FROM NEW."device_hours" THEN 'budget of device hours: ' || coalesce(NEW."device_hours"::text, 'none') END));
  RETURN NULL;
END $$;
