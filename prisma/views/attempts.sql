-- One row per attempt: one execution of a run by one worker.
CREATE OR REPLACE VIEW "reporting"."attempts" AS
SELECT attempt."run_id" AS run, sweep."name" AS sweep, attempt."number" AS attempt, attempt."worker", attempt."started_at",
  attempt."ended_at", extract(epoch FROM coalesce(attempt."ended_at", now()) - attempt."started_at")::double precision AS seconds,
  attempt."cause"::text AS cause, attempt."message", attempt."resumed_from", attempt."saved_at", attempt."total_steps",
  attempt."epochs", attempt."parameters", attempt."dataset_hash", attempt."compiled", attempt."notes",
  attempt."environment" ->> 'device' AS device, attempt."environment" ->> 'tensorflow' AS tensorflow,
  attempt."environment" ->> 'code' AS code, attempt."environment", run."config_id", run."sweep_id"
FROM "attempt" attempt
JOIN "run" run ON run."id" = attempt."run_id"
JOIN "sweep" sweep ON sweep."id" = run."sweep_id";

COMMENT ON VIEW "reporting"."attempts" IS 'One row per attempt: one execution of a run by one worker, with its environment.';
COMMENT ON COLUMN "reporting"."attempts"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."attempts"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."attempts"."attempt" IS 'Number of the attempt within its run, from 1';
COMMENT ON COLUMN "reporting"."attempts"."worker" IS 'Host and process of the worker';
COMMENT ON COLUMN "reporting"."attempts"."started_at" IS 'When the worker claimed it';
COMMENT ON COLUMN "reporting"."attempts"."ended_at" IS 'When it ended; null while it runs';
COMMENT ON COLUMN "reporting"."attempts"."seconds" IS 'Seconds from claim to end, or until now';
COMMENT ON COLUMN "reporting"."attempts"."cause" IS 'completed, user_error, diverged, out_of_memory, lost, preempted, cancelled or superseded; null while it runs';
COMMENT ON COLUMN "reporting"."attempts"."message" IS 'Why it ended';
COMMENT ON COLUMN "reporting"."attempts"."resumed_from" IS 'Step of the checkpoint from which it resumed; null if it began at step 0';
COMMENT ON COLUMN "reporting"."attempts"."saved_at" IS 'When it recorded its newest checkpoint';
COMMENT ON COLUMN "reporting"."attempts"."total_steps" IS 'Optimizer steps of the whole run';
COMMENT ON COLUMN "reporting"."attempts"."epochs" IS 'Epochs of the whole run';
COMMENT ON COLUMN "reporting"."attempts"."parameters" IS 'Trained values of the model';
COMMENT ON COLUMN "reporting"."attempts"."dataset_hash" IS 'SHA-256 of the packed images and labels';
COMMENT ON COLUMN "reporting"."attempts"."compiled" IS 'Whether training ran as one compiled graph';
COMMENT ON COLUMN "reporting"."attempts"."notes" IS 'What did not run as requested';
COMMENT ON COLUMN "reporting"."attempts"."device" IS 'Device';
COMMENT ON COLUMN "reporting"."attempts"."tensorflow" IS 'Version of TensorFlow';
COMMENT ON COLUMN "reporting"."attempts"."code" IS 'Git commit, with "+" if the work tree differed';
COMMENT ON COLUMN "reporting"."attempts"."environment" IS 'Code, lockfile, versions, device, instruction sets, precision and threads as one JSON object';
COMMENT ON COLUMN "reporting"."attempts"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."attempts"."sweep_id" IS 'Id of the sweep';
