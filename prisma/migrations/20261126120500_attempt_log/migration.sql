-- CreateTable
CREATE TABLE "attempt_log" (
    "run_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "dropped" INTEGER NOT NULL,

    CONSTRAINT "attempt_log_pkey" PRIMARY KEY ("run_id","number")
);

-- AddForeignKey
ALTER TABLE "attempt_log" ADD CONSTRAINT "attempt_log_run_id_number_fkey" FOREIGN KEY ("run_id", "number") REFERENCES "attempt"("run_id", "number") ON DELETE CASCADE ON UPDATE CASCADE;
