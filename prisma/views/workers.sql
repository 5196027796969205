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
