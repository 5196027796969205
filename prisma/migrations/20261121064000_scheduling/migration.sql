-- CreateTable
CREATE TABLE "owner" (
    "name" TEXT NOT NULL,
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "max_running" INTEGER,
    "deficit" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "turn" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "owner_pkey" PRIMARY KEY ("name"),
    CONSTRAINT "owner_weight_positive" CHECK ("weight" > 0),
    CONSTRAINT "owner_max_running_positive" CHECK ("max_running" > 0)
);

-- Whose sweeps name nobody.
INSERT INTO "owner" ("name") VALUES ('default');

-- AlterTable
ALTER TABLE "sweep" ADD COLUMN "owner" TEXT NOT NULL DEFAULT 'default',
ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "max_running" INTEGER,
ADD COLUMN "device_hours" DOUBLE PRECISION,
ADD COLUMN "paused_at" TIMESTAMPTZ(3),
ADD COLUMN "idempotency_key" TEXT,
ADD COLUMN "spec_hash" TEXT,
ADD CONSTRAINT "sweep_max_running_positive" CHECK ("max_running" > 0);

UPDATE "sweep" SET "device_hours" = ("spec" #>> '{budget,deviceHours}')::double precision;

-- AlterTable
ALTER TABLE "run" ADD COLUMN "paused_at" TIMESTAMPTZ(3),
ADD COLUMN "stop_reason" TEXT;

-- AlterTable
ALTER TABLE "outbox" ADD COLUMN "sweep_id" UUID,
ADD COLUMN "position" INTEGER,
ADD COLUMN "held" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "not_before" TIMESTAMPTZ(3);

UPDATE "outbox" SET "sweep_id" = run."sweep_id", "position" = run."position" FROM "run" run WHERE run."id" = "outbox"."run_id";

-- CreateIndex
CREATE UNIQUE INDEX "sweep_idempotency_key_key" ON "sweep"("idempotency_key");

-- CreateIndex: what waits, sweep by sweep in its order; the dispatcher reads nothing else of it.
CREATE INDEX "outbox_sweep_id_position_idx" ON "outbox"("sweep_id", "position") WHERE "dispatched_at" IS NULL AND NOT "held";

-- Of the outbox only what was handed out is asked for by its time: a submission writes nothing into this index.
DROP INDEX "outbox_dispatched_at_number_idx";
CREATE INDEX "outbox_dispatched_at_number_idx" ON "outbox"("dispatched_at", "number") WHERE "dispatched_at" IS NOT NULL;

-- What runs is found by its state alone: with the heartbeat in no index, a beat rewrites none.
DROP INDEX "run_state_heartbeat_at_idx";
CREATE INDEX "run_state_idx" ON "run"("state") WHERE "state" = 'running';

-- AddForeignKey
ALTER TABLE "sweep" ADD CONSTRAINT "sweep_owner_fkey" FOREIGN KEY ("owner") REFERENCES "owner"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- An API of the version before writes outbox rows without a sweep.
CREATE FUNCTION "outbox_place"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT "sweep_id", "position" INTO NEW."sweep_id", NEW."position" FROM "run" WHERE "id" = NEW."run_id";
  RETURN NEW;
END $$;

CREATE TRIGGER "outbox_place" BEFORE INSERT ON "outbox" FOR EACH ROW WHEN (NEW."sweep_id" IS NULL) EXECUTE FUNCTION "outbox_place"();
