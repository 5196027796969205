-- CreateTable
CREATE TABLE "cell" (
    "sweep_id" UUID NOT NULL,
    "config_id" UUID NOT NULL,
    "metric" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "seeds" INTEGER[],
    "values" DOUBLE PRECISION[],

    CONSTRAINT "cell_pkey" PRIMARY KEY ("config_id", "metric")
);

-- CreateIndex
CREATE INDEX "cell_sweep_id_idx" ON "cell"("sweep_id");

-- AddForeignKey
ALTER TABLE "cell" ADD CONSTRAINT "cell_config_id_fkey" FOREIGN KEY ("config_id") REFERENCES "config"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Computes the cells of these configs anew from their runs. The configs are locked by a statement of their own, in the order of
-- their ids: the statement after it sees the runs that another transaction finished meanwhile.
CREATE FUNCTION "rewrite_cells"("of_configs" UUID[]) RETURNS VOID LANGUAGE plpgsql AS $$
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
  )
  INSERT INTO "cell" ("sweep_id", "config_id", "metric", "n", "seeds", "values")
  SELECT fresh."sweep_id", fresh.config_id, fresh.metric, fresh.n, fresh.seeds, fresh."values" FROM fresh
  ON CONFLICT ("config_id", "metric") DO UPDATE SET "n" = excluded."n", "seeds" = excluded."seeds", "values" = excluded."values";
END $$;

-- Triggers keep the cells: whatever client of whatever version changes a run, its cells change in the same transaction. One call per
-- statement, so that the configs of all its runs are locked in one order. "succeeded" is final, so an update only adds values.
CREATE FUNCTION "rewrite_cells_of_runs"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed UUID[] := ARRAY(SELECT "config_id" FROM changed_runs WHERE "state" = 'succeeded');
BEGIN
  IF changed <> '{}' THEN PERFORM "rewrite_cells"(changed); END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "rewrite_cells_of_added_runs" AFTER INSERT ON "run" REFERENCING NEW TABLE AS changed_runs
  FOR EACH STATEMENT EXECUTE FUNCTION "rewrite_cells_of_runs"();

CREATE TRIGGER "rewrite_cells_of_changed_runs" AFTER UPDATE ON "run" REFERENCING NEW TABLE AS changed_runs
  FOR EACH STATEMENT EXECUTE FUNCTION "rewrite_cells_of_runs"();

CREATE TRIGGER "rewrite_cells_of_removed_runs" AFTER DELETE ON "run" REFERENCING OLD TABLE AS changed_runs
  FOR EACH STATEMENT EXECUTE FUNCTION "rewrite_cells_of_runs"();

-- The runs that succeeded before.
SELECT "rewrite_cells"(ARRAY(SELECT DISTINCT "config_id" FROM "run" WHERE "state" = 'succeeded'));
