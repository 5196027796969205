-- What each config cost.
CREATE OR REPLACE VIEW "reporting"."cost" AS
SELECT sweep."name" AS sweep, config."axes", config."parameters", config."macs", run.runs, run.useful_seconds, run.lost_seconds,
  run.seconds_per_run, run.samples_per_second, run.peak_memory_bytes, run.energy_joules, config."position",
  config."id" AS config_id, config."sweep_id", run.reused, run.reused_seconds
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
CROSS JOIN LATERAL (
  SELECT
    count(*) FILTER (WHERE "state" = 'succeeded')::integer AS runs,
    sum("useful_seconds") AS useful_seconds,
    sum("lost_seconds") AS lost_seconds,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce("reused_seconds", "useful_seconds")) FILTER (WHERE "state" = 'succeeded') AS seconds_per_run,
    avg("samples_per_second") FILTER (WHERE "state" = 'succeeded') AS samples_per_second,
    max("peak_memory_bytes") AS peak_memory_bytes,
    avg("energy_joules") FILTER (WHERE "state" = 'succeeded') AS energy_joules,
    count("reused_from")::integer AS reused,
    sum("reused_seconds") AS reused_seconds
  FROM "run" WHERE "config_id" = config."id"
) run;

COMMENT ON VIEW "reporting"."cost" IS 'One row per config: what it costs to train and to run.';
COMMENT ON COLUMN "reporting"."cost"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."cost"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."cost"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."cost"."macs" IS 'Multiply-accumulates of one image’s forward pass';
COMMENT ON COLUMN "reporting"."cost"."runs" IS 'Runs that succeeded';
COMMENT ON COLUMN "reporting"."cost"."useful_seconds" IS 'Device seconds of all its runs that reached a checkpoint or the result';
COMMENT ON COLUMN "reporting"."cost"."lost_seconds" IS 'Device seconds of all its runs that were lost';
COMMENT ON COLUMN "reporting"."cost"."seconds_per_run" IS 'Median of the seconds that a run took to train which succeeded, here or where its result comes from';
COMMENT ON COLUMN "reporting"."cost"."samples_per_second" IS 'Mean training images per second';
COMMENT ON COLUMN "reporting"."cost"."peak_memory_bytes" IS 'Highest peak of resident memory of a trainer; null if not measured';
COMMENT ON COLUMN "reporting"."cost"."energy_joules" IS 'Mean energy of a run that succeeded; null where the machine does not report it';
COMMENT ON COLUMN "reporting"."cost"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."cost"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."cost"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."cost"."reused" IS 'Runs that were not trained here: they have the result of an equal one';
COMMENT ON COLUMN "reporting"."cost"."reused_seconds" IS 'Device seconds that those took where they were trained; no part of useful_seconds';
