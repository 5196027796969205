-- CreateTable
CREATE TABLE "inside_images" (
    "id" TEXT NOT NULL,
    "png" BYTEA NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inside_images_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inside" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "images_id" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "data" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inside_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE INDEX "inside_images_id_idx" ON "inside"("images_id");

-- AddForeignKey
ALTER TABLE "inside" ADD CONSTRAINT "inside_images_id_fkey" FOREIGN KEY ("images_id") REFERENCES "inside_images"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "inside" ADD CONSTRAINT "inside_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Half precision does not compress: do not try for each row.
ALTER TABLE "inside" ALTER COLUMN "data" SET STORAGE EXTERNAL;
ALTER TABLE "inside_images" ALTER COLUMN "png" SET STORAGE EXTERNAL;
