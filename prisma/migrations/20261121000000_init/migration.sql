-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'pruned');

-- CreateEnum
CREATE TYPE "cause" AS ENUM ('completed', 'user_error', 'diverged', 'out_of_memory', 'lost', 'preempted', 'cancelled', 'superseded');

-- CreateEnum
CREATE TYPE "checkpoint_kind" AS ENUM ('best', 'last');

-- CreateTable
CREATE TABLE "sweep" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cancelled_at" TIMESTAMPTZ(3),

    CONSTRAINT "sweep_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "config" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "sweep_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "axes" JSONB NOT NULL,

    CONSTRAINT "config_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "sweep_id" UUID NOT NULL,
    "config_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "seed" INTEGER NOT NULL,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "cause" "cause",
    "message" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "losses" INTEGER NOT NULL DEFAULT 0,
    "heartbeat_at" TIMESTAMPTZ(3),
    "cancel_requested_at" TIMESTAMPTZ(3),
    "progress" JSONB,
    "val_accuracy" DOUBLE PRECISION,
    "val_loss" DOUBLE PRECISION,
    "train_accuracy" DOUBLE PRECISION,
    "test_accuracy" DOUBLE PRECISION,
    "test_loss" DOUBLE PRECISION,
    "best_epoch" INTEGER,
    "samples_per_second" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "run_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "worker" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "cause" "cause",
    "message" TEXT,
    "total_steps" INTEGER,
    "epochs" INTEGER,
    "parameters" BIGINT,
    "dataset_hash" TEXT,
    "resumed_from" INTEGER,
    "compiled" BOOLEAN,
    "notes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "environment" JSONB,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("run_id","number")
);

-- CreateTable
CREATE TABLE "metric" (
    "run_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "epoch" DOUBLE PRECISION NOT NULL,
    "value" DOUBLE PRECISION,
    "attempt" INTEGER NOT NULL,

    CONSTRAINT "metric_pkey" PRIMARY KEY ("run_id","name","step")
);

-- CreateTable
CREATE TABLE "checkpoint" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "run_id" UUID NOT NULL,
    "kind" "checkpoint_kind" NOT NULL,
    "attempt" INTEGER NOT NULL,
    "file" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "step" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "val_accuracy" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "dispatched_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE INDEX "sweep_created_at_id_idx" ON "sweep"("created_at", "id");

-- CreateIndex
CREATE INDEX "config_hash_idx" ON "config"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "config_sweep_id_position_key" ON "config"("sweep_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "config_sweep_id_hash_key" ON "config"("sweep_id", "hash");

-- CreateIndex
CREATE INDEX "run_sweep_id_state_idx" ON "run"("sweep_id", "state");

-- CreateIndex
CREATE INDEX "run_state_heartbeat_at_idx" ON "run"("state", "heartbeat_at");

-- CreateIndex
CREATE UNIQUE INDEX "run_sweep_id_position_key" ON "run"("sweep_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "run_config_id_seed_key" ON "run"("config_id", "seed");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoint_run_id_kind_key" ON "checkpoint"("run_id", "kind");

-- CreateIndex
CREATE INDEX "outbox_dispatched_at_number_idx" ON "outbox"("dispatched_at", "number");

-- AddForeignKey
ALTER TABLE "config" ADD CONSTRAINT "config_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_sweep_id_fkey" FOREIGN KEY ("sweep_id") REFERENCES "sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_config_id_fkey" FOREIGN KEY ("config_id") REFERENCES "config"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric" ADD CONSTRAINT "metric_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The state machine of a run, guarded here whatever client writes: a finished run is final, except for a retry of a failed or cancelled one.
CREATE FUNCTION "run_transition"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."attempt" < OLD."attempt" THEN
    RAISE EXCEPTION 'run %: attempt goes from % back to %', OLD."id", OLD."attempt", NEW."attempt" USING ERRCODE = 'check_violation';
  END IF;
  IF OLD."state" IN ('succeeded', 'failed', 'cancelled', 'pruned')
    AND NOT (OLD."state" IN ('failed', 'cancelled') AND NEW."state" = 'queued') THEN
    RAISE EXCEPTION 'run %: % is final', OLD."id", OLD."state" USING ERRCODE = 'check_violation';
  END IF;
  IF OLD."state" = 'queued' AND NEW."state" NOT IN ('queued', 'running', 'cancelled', 'pruned') THEN
    RAISE EXCEPTION 'run %: % does not follow queued', OLD."id", NEW."state" USING ERRCODE = 'check_violation';
  END IF;
  IF OLD."state" = 'queued' AND NEW."state" = 'running' AND NEW."attempt" <> OLD."attempt" + 1 THEN
    RAISE EXCEPTION 'run %: starting takes attempt %, not %', OLD."id", OLD."attempt" + 1, NEW."attempt" USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER "run_transition" BEFORE UPDATE ON "run" FOR EACH ROW EXECUTE FUNCTION "run_transition"();

-- Views: what the questions are asked of. The read-only role sees this schema and nothing else.
CREATE SCHEMA IF NOT EXISTS "reporting";

-- A run a row: every hyperparameter, the state, and the figures.
CREATE VIEW "reporting"."runs" AS
SELECT
  run."id" AS run,
  sweep."name" AS sweep,
  run."state"::text AS state,
  run."cause"::text AS cause,
  run."attempt",
  run."seed",
  run."val_accuracy",
  run."train_accuracy",
  run."test_accuracy",
  run."val_loss",
  run."test_loss",
  run."best_epoch",
  run."samples_per_second",
  (SELECT sum(extract(epoch FROM a."ended_at" - a."started_at"))::double precision FROM "attempt" a WHERE a."run_id" = run."id") AS seconds,
  c #>> '{model,family}' AS family,
  c #>> '{model,ordering}' AS ordering,
  (c #>> '{model,imageSize}')::integer AS image_size,
  (c #>> '{model,patchSize}')::integer AS patch_size,
  (c #>> '{model,width}')::integer AS width,
  (c #>> '{model,depth}')::integer AS depth,
  (c #>> '{model,heads}')::integer AS heads,
  (c #>> '{model,mlpRatio}')::double precision AS mlp_ratio,
  c #>> '{model,attention}' AS attention,
  c #>> '{model,positional}' AS positional,
  c #>> '{model,pool}' AS pool,
  (c #>> '{model,dropout,path}')::double precision AS drop_path,
  c #>> '{model,block}' AS block,
  c #> '{model,depths}' AS depths,
  c #> '{model,widths}' AS widths,
  c #>> '{model,stem}' AS stem,
  c #>> '{model,shortcut}' AS shortcut,
  c #>> '{augment}' AS augment,
  c #>> '{train,optimizer,name}' AS optimizer,
  (c #>> '{train,optimizer,learningRate}')::double precision AS learning_rate,
  (c #>> '{train,optimizer,weightDecay}')::double precision AS weight_decay,
  (c #>> '{train,optimizer,momentum}')::double precision AS momentum,
  c #>> '{train,schedule,name}' AS schedule,
  (c #>> '{train,schedule,warmupEpochs}')::double precision AS warmup_epochs,
  (c #>> '{train,labelSmoothing}')::double precision AS label_smoothing,
  (c #>> '{train,clipNorm}')::double precision AS clip_norm,
  (c #>> '{train,ema}')::double precision AS ema,
  (c #>> '{train,batchSize}')::integer AS batch_size,
  (c #>> '{train,epochs}')::integer AS epochs,
  c #>> '{train,precision}' AS "precision",
  c #>> '{dataset,name}' AS dataset,
  (c #>> '{dataset,samples}')::integer AS samples,
  (c #>> '{dataset,validation}')::double precision AS validation,
  (c #>> '{dataset,splitSeed}')::integer AS split_seed,
  attempt."dataset_hash",
  attempt."parameters",
  attempt."total_steps",
  attempt."compiled",
  attempt."resumed_from",
  attempt."notes",
  attempt."worker",
  attempt."environment" ->> 'device' AS device,
  attempt."environment" ->> 'tensorflow' AS tensorflow,
  attempt."environment" ->> 'code' AS code,
  attempt."environment" ->> 'lockfile' AS lockfile,
  attempt."environment" ->> 'node' AS node,
  (attempt."environment" ->> 'threads')::integer AS threads,
  run."message",
  run."progress",
  config."axes",
  config."config",
  config."hash" AS config_hash,
  config."position" AS config_position,
  run."config_id",
  run."sweep_id",
  run."created_at",
  run."started_at",
  run."finished_at"
FROM "run" run
JOIN "sweep" sweep ON sweep."id" = run."sweep_id"
JOIN "config" config ON config."id" = run."config_id"
CROSS JOIN LATERAL (SELECT config."config") AS whole(c)
LEFT JOIN "attempt" attempt ON attempt."run_id" = run."id" AND attempt."number" = run."attempt";

-- Every measured value. `value` is null where it was not finite.
CREATE VIEW "reporting"."curves" AS
SELECT "run_id" AS run, "step", "epoch", "name" AS metric, "value" FROM "metric";

-- A config a row: means and sample standard deviations over the seeds that succeeded, and how many are not yet finished.
CREATE VIEW "reporting"."ablation" AS
SELECT
  sweep."name" AS sweep,
  config."axes",
  run.n,
  run.val_mean,
  run.val_sd,
  run.test_mean,
  run.test_sd,
  run.train_mean,
  run.unfinished,
  run.failed,
  config."position",
  config."id" AS config_id,
  config."sweep_id"
FROM "config" config
JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
JOIN (
  SELECT
    "config_id",
    count(*) FILTER (WHERE "state" = 'succeeded')::integer AS n,
    avg("val_accuracy") FILTER (WHERE "state" = 'succeeded') AS val_mean,
    stddev_samp("val_accuracy") FILTER (WHERE "state" = 'succeeded') AS val_sd,
    avg("test_accuracy") FILTER (WHERE "state" = 'succeeded') AS test_mean,
    stddev_samp("test_accuracy") FILTER (WHERE "state" = 'succeeded') AS test_sd,
    avg("train_accuracy") FILTER (WHERE "state" = 'succeeded') AS train_mean,
    count(*) FILTER (WHERE "state" IN ('queued', 'running'))::integer AS unfinished,
    count(*) FILTER (WHERE "state" IN ('failed', 'cancelled', 'pruned'))::integer AS failed
  FROM "run"
  GROUP BY "config_id"
) run ON run."config_id" = config."id";
