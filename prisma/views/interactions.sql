-- How two axes depend on each other, on the balanced part of a grid, as `factorialAnova` of packages/statistics computed it.
CREATE OR REPLACE VIEW "reporting"."interactions" AS
SELECT sweep."name" AS sweep, interaction."metric", interaction."axis_a", interaction."axis_b", interaction."level_a",
  interaction."level_b", interaction."mean", interaction."deviation", interaction."f", interaction."freedom",
  interaction."residual_freedom", interaction."p", interaction."results",
  NOT EXISTS (SELECT FROM "cell_change" WHERE "cell_change"."sweep_id" = interaction."sweep_id") AS current,
  interaction."position", interaction."sweep_id", interaction."grid", interaction."holm_p", interaction."beyond_noise"
FROM "interaction" interaction
JOIN "sweep" sweep ON sweep."id" = interaction."sweep_id";

COMMENT ON VIEW "reporting"."interactions" IS 'One row per metric, pair of axes and pair of their levels. f and p are those of the pair of axes.';
COMMENT ON COLUMN "reporting"."interactions"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."interactions"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."interactions"."axis_a" IS 'Path of the first axis';
COMMENT ON COLUMN "reporting"."interactions"."axis_b" IS 'Path of the second axis';
COMMENT ON COLUMN "reporting"."interactions"."level_a" IS 'Value on the first axis';
COMMENT ON COLUMN "reporting"."interactions"."level_b" IS 'Value on the second axis';
COMMENT ON COLUMN "reporting"."interactions"."mean" IS 'Mean of the results with both levels';
COMMENT ON COLUMN "reporting"."interactions"."deviation" IS 'Mean less what the two levels add up to by themselves';
COMMENT ON COLUMN "reporting"."interactions"."f" IS 'F of the interaction of the two axes against the residual';
COMMENT ON COLUMN "reporting"."interactions"."freedom" IS 'Degrees of freedom of the interaction';
COMMENT ON COLUMN "reporting"."interactions"."residual_freedom" IS 'Degrees of freedom of the residual';
COMMENT ON COLUMN "reporting"."interactions"."p" IS 'p of the interaction; a small p says that the effect of one axis depends on the other';
COMMENT ON COLUMN "reporting"."interactions"."results" IS 'Runs of the balanced part';
COMMENT ON COLUMN "reporting"."interactions"."current" IS 'Whether the row was computed from all runs that have succeeded; false for the second or two until it is computed again';
COMMENT ON COLUMN "reporting"."interactions"."position" IS 'Index of the pair of levels';
COMMENT ON COLUMN "reporting"."interactions"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."interactions"."grid" IS 'Number of the grid: the subspaces of a union of spaces are grids of their own';
COMMENT ON COLUMN "reporting"."interactions"."holm_p" IS 'p, with Holm’s correction for all tests of the grid';
COMMENT ON COLUMN "reporting"."interactions"."beyond_noise" IS 'Whether the two axes depend on each other by more than noise';
