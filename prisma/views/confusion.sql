-- How often a run’s model takes one class for another.
CREATE OR REPLACE VIEW "reporting"."confusion" AS
SELECT prediction."run_id" AS run, prediction."split", one."label", one."predicted", count(*)::integer AS n,
  images."classes"[one."label" + 1] AS label_name, images."classes"[one."predicted" + 1] AS predicted_name,
  run."config_id", run."sweep_id", run."seed"
FROM "prediction" prediction
JOIN "run" run ON run."id" = prediction."run_id" AND run."attempt" = prediction."attempt" AND run."state" = 'succeeded'
JOIN "image_set" images ON images."id" = prediction."image_set_id"
CROSS JOIN LATERAL "unpack_predictions"(prediction."data", images."labels", images."indices", images."images", images."width") AS one
GROUP BY prediction."run_id", prediction."split", one."label", one."predicted", images."classes", run."config_id", run."sweep_id", run."seed";

COMMENT ON VIEW "reporting"."confusion" IS 'One row per run, split, true class and predicted class that occur together.';
COMMENT ON COLUMN "reporting"."confusion"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."confusion"."split" IS 'test or validation';
COMMENT ON COLUMN "reporting"."confusion"."label" IS 'Index of the true class, from 0';
COMMENT ON COLUMN "reporting"."confusion"."predicted" IS 'Index of the predicted class, from 0';
COMMENT ON COLUMN "reporting"."confusion"."n" IS 'Images';
COMMENT ON COLUMN "reporting"."confusion"."label_name" IS 'Name of the true class';
COMMENT ON COLUMN "reporting"."confusion"."predicted_name" IS 'Name of the predicted class';
COMMENT ON COLUMN "reporting"."confusion"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."confusion"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."confusion"."seed" IS 'Seed of the run';
