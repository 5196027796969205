-- One row per config of a sweep.
CREATE OR REPLACE VIEW "reporting"."configs" AS
SELECT
  config."id" AS config_id,
  sweep."name" AS sweep,
  config."position",
  config."axes",
  config."augment",
  config."parameters",
  config."macs",
  config."config",
  config."hash" AS config_hash,
  config."augment_hash",
  config."sweep_id"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id";

COMMENT ON VIEW "reporting"."configs" IS 'One row per config: one point of a sweep’s space, which its seeds share.';
COMMENT ON COLUMN "reporting"."configs"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."configs"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."configs"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."configs"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."configs"."augment" IS 'Name of the augmentation set, or "custom" and the start of its hash';
COMMENT ON COLUMN "reporting"."configs"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."configs"."macs" IS 'Multiply-accumulates of one image’s forward pass';
COMMENT ON COLUMN "reporting"."configs"."config" IS 'Every hyperparameter as one JSON object';
COMMENT ON COLUMN "reporting"."configs"."config_hash" IS 'Canonical hash of the config; equal configs of different sweeps have the same';
COMMENT ON COLUMN "reporting"."configs"."augment_hash" IS 'SHA-256 of the operations of the augmentation';
COMMENT ON COLUMN "reporting"."configs"."sweep_id" IS 'Id of the sweep';
