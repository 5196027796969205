-- CreateTable
CREATE TABLE "measure" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "measure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "metric_chunk" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "last" INTEGER NOT NULL,
    "measures" INTEGER[],
    "steps" INTEGER[],
    "epochs" DOUBLE PRECISION[],
    "readings" DOUBLE PRECISION[],

    CONSTRAINT "metric_chunk_pkey" PRIMARY KEY ("run_id","attempt","number")
);

-- A chunk grows in place as its run goes on.
ALTER TABLE "metric_chunk" SET (fillfactor = 80);

-- CreateIndex
CREATE UNIQUE INDEX "measure_name_key" ON "measure"("name");

-- AddForeignKey
ALTER TABLE "metric_chunk" ADD CONSTRAINT "metric_chunk_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Every measured value, a row each. Workers of the version before write "metric", those of this one "metric_chunk".
CREATE VIEW "metric_point" AS
SELECT "run_id", "name", "step", "epoch", "value", "attempt" FROM "metric"
UNION ALL
SELECT chunk."run_id", measure."name", point."step", point."epoch", point."reading", chunk."attempt"
FROM "metric_chunk" chunk
CROSS JOIN LATERAL unnest(chunk."measures", chunk."steps", chunk."epochs", chunk."readings") AS point("measure", "step", "epoch", "reading")
JOIN "measure" measure ON measure."id" = point."measure";

CREATE OR REPLACE VIEW "reporting"."curves" AS
SELECT "run_id" AS run, "step", "epoch", "name" AS metric, "value" FROM "metric_point";
