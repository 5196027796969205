-- One row per config: mean and sample standard deviation over the seeds that succeeded, and how many runs are unfinished or failed.
CREATE OR REPLACE VIEW "reporting"."ablation" AS
SELECT
  sweep."name" AS sweep,
  config."axes",
  run.n,
  run.val_mean,
  run.val_sd,
  run.test_mean,
  run.test_sd,
  run.train_mean,
  run.unfinished,
  run.failed,
  config."position",
  config."id" AS config_id,
  config."sweep_id"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
JOIN (
  SELECT
    "config_id",
    count(*) FILTER (WHERE "state" = 'succeeded')::integer AS n,
    avg("val_accuracy") FILTER (WHERE "state" = 'succeeded') AS val_mean,
    stddev_samp("val_accuracy") FILTER (WHERE "state" = 'succeeded') AS val_sd,
    avg("test_accuracy") FILTER (WHERE "state" = 'succeeded') AS test_mean,
    stddev_samp("test_accuracy") FILTER (WHERE "state" = 'succeeded') AS test_sd,
    avg("train_accuracy") FILTER (WHERE "state" = 'succeeded') AS train_mean,
    count(*) FILTER (WHERE "state" IN ('queued', 'running'))::integer AS unfinished,
    count(*) FILTER (WHERE "state" IN ('failed', 'cancelled', 'pruned'))::integer AS failed
  FROM "run"
  GROUP BY "config_id"
) run ON run."config_id" = config."id";
