-- One row per measured value. `value` is null if the value was not finite.
CREATE OR REPLACE VIEW "reporting"."curves" AS
SELECT "run_id" AS run, "step", "epoch", "name" AS metric, "value" FROM "metric_point";

COMMENT ON VIEW "reporting"."curves" IS 'One row per value that a run measured.';
COMMENT ON COLUMN "reporting"."curves"."run" IS 'Id of the run';
COMMENT ON COLUMN "reporting"."curves"."step" IS 'Optimizer step, from 0';
COMMENT ON COLUMN "reporting"."curves"."epoch" IS 'Epoch, with its fraction';
COMMENT ON COLUMN "reporting"."curves"."metric" IS 'Name of the metric, such as val/accuracy';
COMMENT ON COLUMN "reporting"."curves"."value" IS 'Value; null if it was not finite';
