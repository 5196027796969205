-- CreateTable
CREATE TABLE "curve_summary" (
    "run_id" UUID NOT NULL,
    "measure_id" INTEGER NOT NULL,
    "last_step" INTEGER NOT NULL,
    "steps" DOUBLE PRECISION[],
    "epochs" DOUBLE PRECISION[],
    "points" INTEGER[],
    "least" DOUBLE PRECISION[],
    "means" DOUBLE PRECISION[],
    "greatest" DOUBLE PRECISION[],
    "lasts" DOUBLE PRECISION[],

    CONSTRAINT "curve_summary_pkey" PRIMARY KEY ("run_id","measure_id")
);

-- AddForeignKey
ALTER TABLE "curve_summary" ADD CONSTRAINT "curve_summary_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- One row per bucket of a summarised curve.
CREATE OR REPLACE VIEW "reporting"."curve_buckets" AS
SELECT summary."run_id" AS run, measure."name" AS metric, bucket."step", bucket."epoch", bucket."points", bucket."least", bucket."mean",
  bucket."greatest", bucket."last"
FROM "curve_summary" summary
JOIN "measure" measure ON measure."id" = summary."measure_id"
CROSS JOIN LATERAL unnest(summary."steps", summary."epochs", summary."points", summary."least", summary."means", summary."greatest",
  summary."lasts") AS bucket("step", "epoch", "points", "least", "mean", "greatest", "last");

COMMENT ON VIEW "reporting"."curve_buckets" IS 'At most 256 rows per metric with more than 256 values, of each run that succeeded: its values in buckets of equally many steps. Much faster to read than curves.';
COMMENT ON COLUMN "reporting"."curve_buckets"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."curve_buckets"."metric" IS 'Name of the metric, such as val/accuracy';
COMMENT ON COLUMN "reporting"."curve_buckets"."step" IS 'Mean optimizer step of the bucket’s values';
COMMENT ON COLUMN "reporting"."curve_buckets"."epoch" IS 'Mean epoch of the bucket’s values';
COMMENT ON COLUMN "reporting"."curve_buckets"."points" IS 'Number of finite values in the bucket';
COMMENT ON COLUMN "reporting"."curve_buckets"."least" IS 'Smallest value';
COMMENT ON COLUMN "reporting"."curve_buckets"."mean" IS 'Mean of the values';
COMMENT ON COLUMN "reporting"."curve_buckets"."greatest" IS 'Largest value';
COMMENT ON COLUMN "reporting"."curve_buckets"."last" IS 'Value at the last step of the bucket';
