-- AlterTable
ALTER TABLE "attempt" ADD COLUMN     "saved_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "config" ADD COLUMN     "macs" BIGINT,
ADD COLUMN     "parameters" BIGINT;

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "energy_joules" DOUBLE PRECISION,
ADD COLUMN     "lost_seconds" DOUBLE PRECISION,
ADD COLUMN     "peak_memory_bytes" BIGINT,
ADD COLUMN     "useful_seconds" DOUBLE PRECISION;

-- CreateTable
CREATE TABLE "cell_change" (
    "id" BIGSERIAL NOT NULL,
    "sweep_id" UUID NOT NULL,

    CONSTRAINT "cell_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "comparison" (
    "sweep_id" UUID NOT NULL,
    "config_id" UUID NOT NULL,
    "metric" TEXT NOT NULL,
    "baseline_id" UUID NOT NULL,
    "verdict" TEXT NOT NULL,
    "pairs" INTEGER NOT NULL,
    "difference" DOUBLE PRECISION,
    "half" DOUBLE PRECISION,
    "p" DOUBLE PRECISION,
    "pooled_difference" DOUBLE PRECISION,
    "pooled_half" DOUBLE PRECISION,
    "pooled_p" DOUBLE PRECISION,
    "holm_p" DOUBLE PRECISION,
    "guarded_holm_p" DOUBLE PRECISION,
    "detectable" DOUBLE PRECISION,
    "seeds_needed" INTEGER,
    "margin" DOUBLE PRECISION,

    CONSTRAINT "comparison_pkey" PRIMARY KEY ("config_id","metric")
);

-- CreateTable
CREATE TABLE "effect" (
    "sweep_id" UUID NOT NULL,
    "metric" TEXT NOT NULL,
    "axis" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "level" JSONB,
    "reference" BOOLEAN NOT NULL,
    "mean" DOUBLE PRECISION NOT NULL,
    "difference" DOUBLE PRECISION,
    "half" DOUBLE PRECISION,
    "p" DOUBLE PRECISION,
    "axis_f" DOUBLE PRECISION,
    "axis_freedom" INTEGER NOT NULL,
    "residual_freedom" INTEGER NOT NULL,
    "axis_p" DOUBLE PRECISION,
    "results" INTEGER NOT NULL,
    "seeds" INTEGER[],

    CONSTRAINT "effect_pkey" PRIMARY KEY ("sweep_id","metric","axis","position")
);

-- CreateTable
CREATE TABLE "interaction" (
    "sweep_id" UUID NOT NULL,
    "metric" TEXT NOT NULL,
    "axis_a" TEXT NOT NULL,
    "axis_b" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "level_a" JSONB,
    "level_b" JSONB,
    "mean" DOUBLE PRECISION NOT NULL,
    "deviation" DOUBLE PRECISION NOT NULL,
    "f" DOUBLE PRECISION,
    "freedom" INTEGER NOT NULL,
    "residual_freedom" INTEGER NOT NULL,
    "p" DOUBLE PRECISION,
    "results" INTEGER NOT NULL,

    CONSTRAINT "interaction_pkey" PRIMARY KEY ("sweep_id","metric","axis_a","axis_b","position")
);

-- CreateIndex
CREATE INDEX "cell_change_sweep_id_idx" ON "cell_change"("sweep_id");

-- CreateIndex
CREATE INDEX "comparison_sweep_id_idx" ON "comparison"("sweep_id");

-- AddForeignKey
ALTER TABLE "comparison" ADD CONSTRAINT "comparison_config_id_fkey" FOREIGN KEY ("config_id") REFERENCES "config"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "effect" ADD CONSTRAINT "effect_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "interaction" ADD CONSTRAINT "interaction_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- As before, and notes which sweeps' stored answers are stale now.
CREATE OR REPLACE FUNCTION "rewrite_cells"("of_configs" UUID[]) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM "config" WHERE "id" = ANY ("of_configs") ORDER BY "id" FOR NO KEY UPDATE;
  WITH fresh AS MATERIALIZED (
    SELECT config."sweep_id", config."id" AS config_id, figure.metric, count(*)::integer AS n,
      array_agg(run."seed" ORDER BY run."seed") AS seeds, array_agg(figure.value ORDER BY run."seed") AS "values"
    FROM "config" config
    JOIN "run" run ON run."config_id" = config."id" AND run."state" = 'succeeded'
    CROSS JOIN LATERAL (VALUES
      ('test_accuracy', run."test_accuracy"),
      ('val_accuracy', run."val_accuracy"),
      ('train_accuracy', run."train_accuracy"),
      ('test_loss', run."test_loss"),
      ('val_loss', run."val_loss")
    ) AS figure(metric, value)
    WHERE config."id" = ANY ("of_configs") AND figure.value IS NOT NULL
    GROUP BY config."id", figure.metric
  ), gone AS (
    DELETE FROM "cell" WHERE "config_id" = ANY ("of_configs")
      AND NOT EXISTS (SELECT FROM fresh WHERE fresh.config_id = "cell"."config_id" AND fresh.metric = "cell"."metric")
  ), stale AS (
    INSERT INTO "cell_change" ("sweep_id") SELECT DISTINCT "sweep_id" FROM "config" WHERE "id" = ANY ("of_configs")
  )
  INSERT INTO "cell" ("sweep_id", "config_id", "metric", "n", "seeds", "values")
  SELECT fresh."sweep_id", fresh.config_id, fresh.metric, fresh.n, fresh.seeds, fresh."values" FROM fresh
  ON CONFLICT ("config_id", "metric") DO UPDATE SET "n" = excluded."n", "seeds" = excluded."seeds", "values" = excluded."values";
END $$;

INSERT INTO "cell_change" ("sweep_id") SELECT DISTINCT "sweep_id" FROM "cell";

-- Seconds of a run's attempts: useful up to the newest checkpoint, or as a whole for the attempt that ended the run with a result.
CREATE FUNCTION "attempt_seconds"("of_run" UUID, "completed" INTEGER, OUT "useful" DOUBLE PRECISION, OUT "total" DOUBLE PRECISION)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(CASE
      WHEN attempt."number" = "completed" OR attempt."cause" = 'completed' THEN took.seconds
      ELSE least(took.seconds, coalesce(extract(epoch FROM attempt."saved_at" - attempt."started_at"), 0)) END), 0)::double precision,
    coalesce(sum(took.seconds), 0)::double precision
  FROM "attempt" attempt
  CROSS JOIN LATERAL (SELECT extract(epoch FROM coalesce(attempt."ended_at", now()::timestamptz(3)) - attempt."started_at")) AS took(seconds)
  WHERE attempt."run_id" = "of_run"
$$;

-- A run without a result has lost all of its seconds; a retry that resumes from a checkpoint uses them again.
CREATE FUNCTION "run_seconds"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  total DOUBLE PRECISION;
BEGIN
  SELECT seconds."useful", seconds."total" INTO NEW."useful_seconds", total
  FROM "attempt_seconds"(NEW."id", CASE WHEN NEW."state" IN ('succeeded', 'pruned') THEN NEW."attempt" END) AS seconds;
  IF NEW."state" IN ('failed', 'cancelled') THEN NEW."useful_seconds" := 0; END IF;
  NEW."lost_seconds" := total - NEW."useful_seconds";
  RETURN NEW;
END $$;

CREATE TRIGGER "run_seconds" BEFORE UPDATE ON "run" FOR EACH ROW
  WHEN (OLD."state" <> NEW."state" AND NEW."state" <> 'running') EXECUTE FUNCTION "run_seconds"();

-- The runs of earlier versions. An attempt that was preempted had saved a checkpoint before it stopped.
UPDATE "attempt" SET "saved_at" = "ended_at" WHERE "cause" = 'preempted';
ALTER TABLE "run" DISABLE TRIGGER USER;
UPDATE "run" SET
  "useful_seconds" = CASE WHEN same."state" IN ('failed', 'cancelled') THEN 0 ELSE seconds."useful" END,
  "lost_seconds" = seconds."total" - CASE WHEN same."state" IN ('failed', 'cancelled') THEN 0 ELSE seconds."useful" END
FROM "run" same CROSS JOIN LATERAL "attempt_seconds"(same."id", NULL) AS seconds
WHERE "run"."id" = same."id" AND same."state" <> 'running' AND same."attempt" > 0;
ALTER TABLE "run" ENABLE TRIGGER USER;
