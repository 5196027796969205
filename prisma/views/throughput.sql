-- How fast each family trains on each device.
CREATE OR REPLACE VIEW "reporting"."throughput" AS
SELECT
  config."config" #>> '{model,family}' AS family,
  attempt."environment" ->> 'device' AS device,
  (attempt."environment" ->> 'threads')::integer AS threads,
  attempt."environment" ->> 'precision' AS "precision",
  (config."config" #>> '{train,batchSize}')::integer AS batch_size,
  count(*)::integer AS runs,
  avg(run."samples_per_second") AS samples_per_second,
  min(run."samples_per_second") AS slowest,
  max(run."samples_per_second") AS fastest,
  avg(run."samples_per_second" * config."macs") AS macs_per_second
FROM "run" run
JOIN "config" config ON config."id" = run."config_id"
JOIN "attempt" attempt ON attempt."run_id" = run."id" AND attempt."number" = run."attempt"
WHERE run."state" = 'succeeded' AND run."reused_from" IS NULL
GROUP BY 1, 2, 3, 4, 5;

COMMENT ON VIEW "reporting"."throughput" IS 'One row per family, device, number of threads, precision and batch size: how fast runs that succeeded trained; a reused run counts where it was trained.';
COMMENT ON COLUMN "reporting"."throughput"."family" IS 'Family of the model';
COMMENT ON COLUMN "reporting"."throughput"."device" IS 'Device';
COMMENT ON COLUMN "reporting"."throughput"."threads" IS 'Threads of TensorFlow';
COMMENT ON COLUMN "reporting"."throughput"."precision" IS 'Precision of matrix products and convolutions';
COMMENT ON COLUMN "reporting"."throughput"."batch_size" IS 'Images of a step';
COMMENT ON COLUMN "reporting"."throughput"."runs" IS 'Runs that succeeded';
COMMENT ON COLUMN "reporting"."throughput"."samples_per_second" IS 'Mean training images per second';
COMMENT ON COLUMN "reporting"."throughput"."slowest" IS 'Lowest training images per second';
COMMENT ON COLUMN "reporting"."throughput"."fastest" IS 'Highest training images per second';
COMMENT ON COLUMN "reporting"."throughput"."macs_per_second" IS 'Mean multiply-accumulates of forward passes per second; training takes about three times as many';
