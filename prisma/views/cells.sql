-- The values of each config and metric over its seeds.
CREATE OR REPLACE VIEW "reporting"."cells" AS
SELECT sweep."name" AS sweep, config."axes", cell."metric", cell."n", cell."seeds", cell."values", figures.mean, figures.sd,
  config."position", cell."config_id", cell."sweep_id"
FROM "cell" cell
JOIN "config" config ON config."id" = cell."config_id"
JOIN "sweep" sweep ON sweep."id" = cell."sweep_id"
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(cell."values") AS one(value)) figures;

COMMENT ON VIEW "reporting"."cells" IS 'One row per config and metric, with the value of each seed that succeeded.';
COMMENT ON COLUMN "reporting"."cells"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."cells"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."cells"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."cells"."n" IS 'Seeds with a value';
COMMENT ON COLUMN "reporting"."cells"."seeds" IS 'Seeds, ascending';
COMMENT ON COLUMN "reporting"."cells"."values" IS 'Value of each seed, in the order of seeds';
COMMENT ON COLUMN "reporting"."cells"."mean" IS 'Mean of the values';
COMMENT ON COLUMN "reporting"."cells"."sd" IS 'Sample standard deviation of the values; null below two';
COMMENT ON COLUMN "reporting"."cells"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."cells"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."cells"."sweep_id" IS 'Id of the sweep';
