-- CreateTable
CREATE TABLE "image_set" (
    "id" TEXT NOT NULL,
    "split" TEXT NOT NULL,
    "images" INTEGER NOT NULL,
    "width" INTEGER NOT NULL,
    "classes" TEXT[],
    "labels" BYTEA NOT NULL,
    "indices" INTEGER[],
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "image_set_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "prediction" (
    "run_id" UUID NOT NULL,
    "split" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "image_set_id" TEXT NOT NULL,
    "data" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "prediction_pkey" PRIMARY KEY ("run_id","split")
);

-- CreateIndex
CREATE INDEX "prediction_image_set_id_idx" ON "prediction"("image_set_id");

-- AddForeignKey
ALTER TABLE "prediction" ADD CONSTRAINT "prediction_image_set_id_fkey" FOREIGN KEY ("image_set_id") REFERENCES "image_set"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prediction" ADD CONSTRAINT "prediction_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The predictions of one run, a row for each image. `||` makes copies in memory: a stored value would be read anew for each byte.
CREATE FUNCTION "unpack_predictions"("data" BYTEA, "labels" BYTEA, "indices" INTEGER[], "images" INTEGER, "width" INTEGER)
RETURNS TABLE ("image" INTEGER, "label" INTEGER, "predicted" INTEGER, "confidence" DOUBLE PRECISION, "rank" INTEGER)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10000 AS $$
#variable_conflict use_variable
DECLARE
  d BYTEA := "data" || ''::bytea;
  l BYTEA := "labels" || ''::bytea;
  place INTEGER[] := "indices" || '{}'::integer[];
  at_confidence INTEGER := "images" * "width";
  at_rank INTEGER := "images" * "width" + "images";
BEGIN
  IF "width" = 1 THEN
    RETURN QUERY SELECT coalesce(place[i + 1], i), get_byte(l, i), get_byte(d, i), get_byte(d, at_confidence + i) / 255.0::double precision,
      get_byte(d, at_rank + i) + 1
    FROM generate_series(0, "images" - 1) AS i;
  ELSE
    RETURN QUERY SELECT coalesce(place[i + 1], i), 256 * get_byte(l, 2 * i) + get_byte(l, 2 * i + 1),
      256 * get_byte(d, 2 * i) + get_byte(d, 2 * i + 1), get_byte(d, at_confidence + i) / 255.0::double precision,
      256 * get_byte(d, at_rank + 2 * i) + get_byte(d, at_rank + 2 * i + 1) + 1
    FROM generate_series(0, "images" - 1) AS i;
  END IF;
END $$;

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
