-- AlterTable
ALTER TABLE "checkpoint" ADD COLUMN "pinned_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "past_checkpoint" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "kind" "checkpoint_kind" NOT NULL,
    "attempt" INTEGER NOT NULL,
    "file" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "step" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "val_accuracy" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "pinned_at" TIMESTAMPTZ(3),

    CONSTRAINT "past_checkpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stored_file" (
    "key" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "chunks" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stored_file_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "stored_chunk" (
    "key" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "stored_chunk_pkey" PRIMARY KEY ("key","number")
);

-- CreateIndex
CREATE INDEX "past_checkpoint_run_id_kind_step_idx" ON "past_checkpoint"("run_id", "kind", "step");

-- AddForeignKey
ALTER TABLE "past_checkpoint" ADD CONSTRAINT "past_checkpoint_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stored_chunk" ADD CONSTRAINT "stored_chunk_key_fkey" FOREIGN KEY ("key") REFERENCES "stored_file"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- Weights do not compress.
ALTER TABLE "stored_chunk" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- Every checkpoint of a run: those that it would go on from or be tested with, and those before them that are kept.
CREATE VIEW "any_checkpoint" AS
SELECT "id", "run_id", "kind", "attempt", "file", "sha256", "bytes", "step", "epoch", "val_accuracy", "created_at", "pinned_at", true AS current FROM "checkpoint"
UNION ALL
SELECT "id", "run_id", "kind", "attempt", "file", "sha256", "bytes", "step", "epoch", "val_accuracy", "created_at", "pinned_at", false FROM "past_checkpoint";
