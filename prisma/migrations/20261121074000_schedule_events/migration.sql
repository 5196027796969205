-- What users, and the leader, ask of sweeps and runs: in the log as well, in the statement that asks.
CREATE FUNCTION "log_sweep_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "before", "state", "message")
  VALUES ('sweep', NEW."id", CASE WHEN OLD."paused_at" IS NULL THEN 'queued' ELSE 'paused' END,
    CASE WHEN NEW."paused_at" IS NULL THEN 'queued' ELSE 'paused' END,
    concat_ws(', ',
      CASE WHEN OLD."paused_at" IS NULL AND NEW."paused_at" IS NOT NULL THEN 'paused by a user' END,
      CASE WHEN OLD."paused_at" IS NOT NULL AND NEW."paused_at" IS NULL THEN 'resumed by a user' END,
      CASE WHEN OLD."priority" <> NEW."priority" THEN format('priority %s', NEW."priority") END,
      CASE WHEN OLD."max_running" IS DISTINCT FROM NEW."max_running" THEN format('%s runs at once', coalesce(NEW."max_running"::text, 'any number of')) END,
      CASE WHEN OLD."device_hours" IS DISTINCT FROM NEW."device_hours" THEN format('%s device hours', coalesce(NEW."device_hours"::text, 'any number of')) END));
  RETURN NULL;
END $$;

CREATE TRIGGER "log_sweep_change" AFTER UPDATE ON "sweep" FOR EACH ROW
  WHEN ((OLD."paused_at" IS NULL) <> (NEW."paused_at" IS NULL) OR OLD."priority" <> NEW."priority"
    OR OLD."max_running" IS DISTINCT FROM NEW."max_running" OR OLD."device_hours" IS DISTINCT FROM NEW."device_hours")
  EXECUTE FUNCTION "log_sweep_change"();

CREATE FUNCTION "log_run_asked"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "run_id", "attempt", "before", "state", "message")
  VALUES ('run', NEW."sweep_id", NEW."id", NEW."attempt", OLD."state", NEW."state",
    CASE WHEN OLD."paused_at" IS NULL AND NEW."paused_at" IS NOT NULL THEN 'paused by a user'
      WHEN OLD."paused_at" IS NOT NULL AND NEW."paused_at" IS NULL THEN 'resumed by a user'
      ELSE coalesce('asked to stop: ' || NEW."stop_reason", 'need not stop') END);
  RETURN NULL;
END $$;

CREATE TRIGGER "log_run_asked" AFTER UPDATE ON "run" FOR EACH ROW
  WHEN (OLD."state" = NEW."state" AND ((OLD."paused_at" IS NULL) <> (NEW."paused_at" IS NULL)
    OR (OLD."stop_reason" IS DISTINCT FROM NEW."stop_reason" AND OLD."cancel_requested_at" IS NOT DISTINCT FROM NEW."cancel_requested_at")))
  EXECUTE FUNCTION "log_run_asked"();
