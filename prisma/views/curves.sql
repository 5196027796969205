-- One row per measured value. `value` is null if the value was not finite.
CREATE OR REPLACE VIEW "reporting"."curves" AS
SELECT "run_id" AS run, "step", "epoch", "name" AS metric, "value" FROM "metric_point";
