-- DropIndex
DROP INDEX "run_sweep_id_state_idx";

-- CreateTable
CREATE TABLE "sweep_summary" (
    "sweep_id" UUID NOT NULL,
    "varies" TEXT NOT NULL,
    "verdict" TEXT,

    CONSTRAINT "sweep_summary_pkey" PRIMARY KEY ("sweep_id")
);

-- CreateIndex
CREATE INDEX "run_sweep_id_state_useful_seconds_lost_seconds_idx" ON "run"("sweep_id", "state", "useful_seconds", "lost_seconds");

-- CreateIndex
CREATE INDEX "sweep_name_id_idx" ON "sweep"("name", "id");

-- AddForeignKey
ALTER TABLE "sweep_summary" ADD CONSTRAINT "sweep_summary_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The leader writes the summaries of the sweeps of earlier versions.
INSERT INTO "cell_change" ("sweep_id") SELECT "id" FROM "sweep";
