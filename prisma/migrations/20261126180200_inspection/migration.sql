-- CreateTable
CREATE TABLE "inspection" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "run_id" UUID NOT NULL,
    "request" TEXT NOT NULL,
    "images" INTEGER[],
    "picture" BYTEA,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "message" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "claimed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "sha256" TEXT,
    "data" BYTEA,

    CONSTRAINT "inspection_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "inspection_state_idx" ON "inspection"("state");

-- CreateIndex
CREATE UNIQUE INDEX "inspection_run_id_request_key" ON "inspection"("run_id", "request");

-- AddForeignKey
ALTER TABLE "inspection" ADD CONSTRAINT "inspection_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Half precision does not compress: do not try for each row.
ALTER TABLE "inspection" ALTER COLUMN "data" SET STORAGE EXTERNAL;
