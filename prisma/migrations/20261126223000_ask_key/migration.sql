-- CreateTable
CREATE TABLE "ask_key" (
    "sweep_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "trial" INTEGER NOT NULL,

    CONSTRAINT "ask_key_pkey" PRIMARY KEY ("sweep_id","key")
);

-- AddForeignKey
ALTER TABLE "ask_key" ADD CONSTRAINT "ask_key_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;
