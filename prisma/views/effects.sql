-- What each level of each axis does, on the balanced part of a grid, as `factorialAnova` of packages/statistics computed it.
CREATE OR REPLACE VIEW "reporting"."effects" AS
SELECT sweep."name" AS sweep, effect."metric", effect."axis", effect."level", effect."reference", effect."mean", effect."difference",
  effect."half", effect."p", effect."axis_f", effect."axis_freedom", effect."residual_freedom", effect."axis_p", effect."results",
  effect."seeds", NOT EXISTS (SELECT FROM "cell_change" WHERE "cell_change"."sweep_id" = effect."sweep_id") AS current,
  effect."position", effect."sweep_id", effect."grid", effect."holm_p", effect."verdict"
FROM "effect" effect
JOIN "sweep" sweep ON sweep."id" = effect."sweep_id";

COMMENT ON VIEW "reporting"."effects" IS 'One row per metric, axis and level: the main effect of the level over the balanced part of a grid of two or more axes. With one axis, comparisons has its effect.';
COMMENT ON COLUMN "reporting"."effects"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."effects"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."effects"."axis" IS 'Path of the axis, such as model.ordering';
COMMENT ON COLUMN "reporting"."effects"."level" IS 'Value on the axis';
COMMENT ON COLUMN "reporting"."effects"."reference" IS 'Whether the others are compared with this level: that of the baseline';
COMMENT ON COLUMN "reporting"."effects"."mean" IS 'Mean over all other axes and seeds';
COMMENT ON COLUMN "reporting"."effects"."difference" IS 'Mean difference from the reference level, paired by every other axis and the seed; null for that level';
COMMENT ON COLUMN "reporting"."effects"."half" IS 'Half the width of the 95 % interval of the difference';
COMMENT ON COLUMN "reporting"."effects"."p" IS 'Two-sided p of the difference, by the residual of the analysis of variance, not corrected';
COMMENT ON COLUMN "reporting"."effects"."axis_f" IS 'F of the whole axis against the residual';
COMMENT ON COLUMN "reporting"."effects"."axis_freedom" IS 'Degrees of freedom of the axis';
COMMENT ON COLUMN "reporting"."effects"."residual_freedom" IS 'Degrees of freedom of the residual';
COMMENT ON COLUMN "reporting"."effects"."axis_p" IS 'p of the whole axis';
COMMENT ON COLUMN "reporting"."effects"."results" IS 'Runs of the balanced part';
COMMENT ON COLUMN "reporting"."effects"."seeds" IS 'Seeds of the balanced part';
COMMENT ON COLUMN "reporting"."effects"."current" IS 'Whether the row was computed from all runs that have succeeded; false for the second or two until it is computed again';
COMMENT ON COLUMN "reporting"."effects"."position" IS 'Index of the level';
COMMENT ON COLUMN "reporting"."effects"."sweep_id" IS 'Id of the sweep';
COMMENT ON COLUMN "reporting"."effects"."grid" IS 'Number of the grid: the subspaces of a union of spaces are grids of their own';
COMMENT ON COLUMN "reporting"."effects"."holm_p" IS 'p, with Holm’s correction for all tests of the grid';
COMMENT ON COLUMN "reporting"."effects"."verdict" IS 'baseline for the reference level; else better, worse, equivalent, noise or no-noise-estimate';
