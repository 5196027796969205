-- What a run’s model said of each image. Only of runs that succeeded, by the attempt that finished them.
CREATE OR REPLACE VIEW "reporting"."predictions" AS
SELECT prediction."run_id" AS run, prediction."split", one."image", one."label", one."predicted", one."confidence", one."rank",
  one."rank" = 1 AS correct, images."classes"[one."label" + 1] AS label_name, images."classes"[one."predicted" + 1] AS predicted_name,
  run."config_id", run."sweep_id", run."seed"
FROM "prediction" prediction
JOIN "run" run ON run."id" = prediction."run_id" AND run."attempt" = prediction."attempt" AND run."state" = 'succeeded'
JOIN "image_set" images ON images."id" = prediction."image_set_id"
CROSS JOIN LATERAL "unpack_predictions"(prediction."data", images."labels", images."indices", images."images", images."width") AS one;

COMMENT ON VIEW "reporting"."predictions" IS 'One row per run, split and image: what the model of the best epoch said. Filter by run or config_id: a run has thousands of rows.';
COMMENT ON COLUMN "reporting"."predictions"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."predictions"."split" IS 'test or validation';
COMMENT ON COLUMN "reporting"."predictions"."image" IS 'Index of the image in its set, from 0';
COMMENT ON COLUMN "reporting"."predictions"."label" IS 'Index of the true class, from 0';
COMMENT ON COLUMN "reporting"."predictions"."predicted" IS 'Index of the predicted class, from 0';
COMMENT ON COLUMN "reporting"."predictions"."confidence" IS 'Probability of the predicted class, in steps of 1/255';
COMMENT ON COLUMN "reporting"."predictions"."rank" IS 'Rank of the true class, from 1: at most 5 is right in the top five';
COMMENT ON COLUMN "reporting"."predictions"."correct" IS 'Whether no class is more probable than the true one';
COMMENT ON COLUMN "reporting"."predictions"."label_name" IS 'Name of the true class';
COMMENT ON COLUMN "reporting"."predictions"."predicted_name" IS 'Name of the predicted class';
COMMENT ON COLUMN "reporting"."predictions"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."predictions"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."predictions"."seed" IS 'Seed of the run';
