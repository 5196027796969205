-- Every config against the baseline of its sweep. The rows are what `sweepVerdict` of packages/statistics computed from the cells.
CREATE OR REPLACE VIEW "reporting"."comparisons" AS
SELECT sweep."name" AS sweep, config."axes", comparison."metric", cell."n", figures.mean, figures.sd, comparison."pairs",
  comparison."difference", comparison."half", comparison."p", comparison."pooled_difference", comparison."pooled_half",
  comparison."pooled_p", comparison."holm_p", comparison."guarded_holm_p", comparison."verdict", comparison."detectable",
  comparison."seeds_needed", comparison."margin",
  NOT EXISTS (SELECT FROM "cell_change" WHERE "cell_change"."sweep_id" = comparison."sweep_id") AS current,
  config."position", comparison."config_id", comparison."baseline_id" AS baseline_config_id, comparison."sweep_id"
FROM "comparison" comparison
JOIN "config" config ON config."id" = comparison."config_id"
JOIN "sweep" sweep ON sweep."id" = comparison."sweep_id"
LEFT JOIN "cell" cell ON cell."config_id" = comparison."config_id" AND cell."metric" = comparison."metric"
CROSS JOIN LATERAL (SELECT avg(value) AS mean, stddev_samp(value) AS sd FROM unnest(cell."values") AS one(value)) figures;

COMMENT ON VIEW "reporting"."comparisons" IS 'One row per config and metric: its difference from the baseline of its sweep, and the verdict of docs/statistics.md.';
COMMENT ON COLUMN "reporting"."comparisons"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."metric" IS 'test_accuracy, val_accuracy, train_accuracy, test_loss or val_loss';
COMMENT ON COLUMN "reporting"."comparisons"."n" IS 'Seeds with a value';
COMMENT ON COLUMN "reporting"."comparisons"."mean" IS 'Mean of the values';
COMMENT ON COLUMN "reporting"."comparisons"."sd" IS 'Sample standard deviation of the values; null below two';
COMMENT ON COLUMN "reporting"."comparisons"."pairs" IS 'Seeds that the config and the baseline share';
COMMENT ON COLUMN "reporting"."comparisons"."difference" IS 'Mean difference from the baseline over the shared seeds';
COMMENT ON COLUMN "reporting"."comparisons"."half" IS 'Half the width of the 95 % interval of the difference, from its own spread; null below two pairs';
COMMENT ON COLUMN "reporting"."comparisons"."p" IS 'Two-sided p of the paired t test, not corrected';
COMMENT ON COLUMN "reporting"."comparisons"."pooled_difference" IS 'Difference from the baseline in the two-way model of config and seed';
COMMENT ON COLUMN "reporting"."comparisons"."pooled_half" IS 'Half the width of its 95 % interval, with the variance pooled over the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."pooled_p" IS 'Two-sided p with the pooled variance, not corrected';
COMMENT ON COLUMN "reporting"."comparisons"."holm_p" IS 'pooled_p, with Holm’s correction for the comparisons of the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."guarded_holm_p" IS 'The same with the variances of the two configs instead of the pooled one';
COMMENT ON COLUMN "reporting"."comparisons"."verdict" IS 'baseline, better, worse, equivalent, noise, no-noise-estimate or no-result. Of a loss, lower is better';
COMMENT ON COLUMN "reporting"."comparisons"."detectable" IS 'Smallest difference that the seeds at hand would show with 80 % power, where the verdict is noise';
COMMENT ON COLUMN "reporting"."comparisons"."seeds_needed" IS 'Seeds in total that would show the difference observed, where the verdict is noise; null above 1,000';
COMMENT ON COLUMN "reporting"."comparisons"."margin" IS 'Differences within ± margin count as equivalent; null without a margin';
COMMENT ON COLUMN "reporting"."comparisons"."current" IS 'Whether the row was computed from all runs that have succeeded; false for the second or two until it is computed again';
COMMENT ON COLUMN "reporting"."comparisons"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."comparisons"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."comparisons"."baseline_config_id" IS 'Id of the config that is the baseline';
COMMENT ON COLUMN "reporting"."comparisons"."sweep_id" IS 'Id of the sweep';
