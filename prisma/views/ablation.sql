-- One row per config: mean and sample standard deviation over the seeds that succeeded, and how many runs are unfinished or failed. Reads
-- the cells of the config and counts its runs by index, so that a filter on the sweep reaches both.
CREATE OR REPLACE VIEW "reporting"."ablation" AS
SELECT
  sweep."name" AS sweep,
  config."axes",
  run.n,
  val.mean AS val_mean,
  val.sd AS val_sd,
  test.mean AS test_mean,
  test.sd AS test_sd,
  train.mean AS train_mean,
  run.unfinished,
  run.failed,
  config."position",
  config."id" AS config_id,
  config."sweep_id",
  config."parameters",
  config."macs"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
CROSS JOIN LATERAL (
  SELECT
    count(*) FILTER (WHERE "state" = 'succeeded')::integer AS n,
    count(*) FILTER (WHERE "state" IN ('queued', 'running'))::integer AS unfinished,
    count(*) FILTER (WHERE "state" IN ('failed', 'cancelled', 'pruned'))::integer AS failed
  FROM "run" WHERE "config_id" = config."id"
) run
LEFT JOIN "cell" val_cell ON val_cell."config_id" = config."id" AND val_cell."metric" = 'val_accuracy'
LEFT JOIN "cell" test_cell ON test_cell."config_id" = config."id" AND test_cell."metric" = 'test_accuracy'
LEFT JOIN "cell" train_cell ON train_cell."config_id" = config."id" AND train_cell."metric" = 'train_accuracy'
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(val_cell."values") AS one(value)) val
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(test_cell."values") AS one(value)) test
CROSS JOIN LATERAL (SELECT avg(value) AS mean FROM unnest(train_cell."values") AS one(value)) train;

COMMENT ON VIEW "reporting"."ablation" IS 'One row per config: mean and sample standard deviation over the seeds that succeeded.';
COMMENT ON COLUMN "reporting"."ablation"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."ablation"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."ablation"."n" IS 'Runs that succeeded';
COMMENT ON COLUMN "reporting"."ablation"."val_mean" IS 'Mean validation accuracy of the best epochs';
COMMENT ON COLUMN "reporting"."ablation"."val_sd" IS 'Sample standard deviation of validation accuracy; null below two seeds';
COMMENT ON COLUMN "reporting"."ablation"."test_mean" IS 'Mean test accuracy of the best epochs';
COMMENT ON COLUMN "reporting"."ablation"."test_sd" IS 'Sample standard deviation of test accuracy; null below two seeds';
COMMENT ON COLUMN "reporting"."ablation"."train_mean" IS 'Mean training accuracy of the best epochs';
COMMENT ON COLUMN "reporting"."ablation"."unfinished" IS 'Runs that are queued or running';
COMMENT ON COLUMN "reporting"."ablation"."failed" IS 'Runs that failed or were cancelled or pruned';
COMMENT ON COLUMN "reporting"."ablation"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."ablation"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."ablation"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."ablation"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."ablation"."macs" IS 'Multiply-accumulates of one image’s forward pass';
