-- The message of one run: "1 run queued".
CREATE OR REPLACE FUNCTION "log_runs_queued"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "event" ("subject", "sweep_id", "before", "state", "message")
  SELECT 'sweep', queued."sweep_id", CASE WHEN EXISTS (SELECT FROM "event" WHERE "sweep_id" = queued."sweep_id") THEN 'queued' END,
    'queued', format('%s %s queued', count(*), CASE WHEN count(*) = 1 THEN 'run' ELSE 'runs' END)
  FROM queued GROUP BY queued."sweep_id";
  RETURN NULL;
END $$;
