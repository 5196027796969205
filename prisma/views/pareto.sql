-- Which configs are worth their cost: a row per config and kind of cost.
CREATE OR REPLACE VIEW "reporting"."pareto" AS
SELECT placed."sweep", placed."axes", placed.measure, placed.cost, placed.n, placed.test_mean,
  placed.test_mean = placed.best_of_equal_cost AND coalesce(placed.test_mean > placed.best_of_lower_cost, true) AS on_front,
  placed."position", placed.config_id, placed."sweep_id"
FROM (
  SELECT ablation.*, measured.measure, measured.cost,
    max(ablation.test_mean) OVER (PARTITION BY ablation."sweep_id", measured.measure, measured.cost) AS best_of_equal_cost,
    max(ablation.test_mean) OVER (PARTITION BY ablation."sweep_id", measured.measure ORDER BY measured.cost
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP) AS best_of_lower_cost
  FROM (
    SELECT sweep."name" AS sweep, config."axes", config."parameters", config."macs", config."position", cell."n",
      (SELECT avg(value) FROM unnest(cell."values") AS one(value)) AS test_mean,
      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce("reused_seconds", "useful_seconds")) FROM "run"
        WHERE "config_id" = config."id" AND "state" = 'succeeded') AS seconds,
      config."id" AS config_id, config."sweep_id"
    FROM "cell" cell
    JOIN "config" config ON config."id" = cell."config_id"
    JOIN "sweep" sweep ON sweep."id" = config."sweep_id"
    WHERE cell."metric" = 'test_accuracy'
  ) ablation
  CROSS JOIN LATERAL (VALUES
    ('parameters', ablation."parameters"::double precision),
    ('macs', ablation."macs"::double precision),
    ('seconds', ablation.seconds)
  ) AS measured(measure, cost)
  WHERE measured.cost IS NOT NULL
) placed;

COMMENT ON VIEW "reporting"."pareto" IS 'One row per config and kind of cost: whether a cheaper config, or one of the same cost, has a higher mean test accuracy.';
COMMENT ON COLUMN "reporting"."pareto"."sweep" IS 'Name of the sweep';
COMMENT ON COLUMN "reporting"."pareto"."axes" IS 'Values of the config on the axes of the sweep';
COMMENT ON COLUMN "reporting"."pareto"."measure" IS 'parameters, macs or seconds (median of useful seconds of a run)';
COMMENT ON COLUMN "reporting"."pareto"."cost" IS 'Cost in that measure';
COMMENT ON COLUMN "reporting"."pareto"."n" IS 'Seeds with a test accuracy';
COMMENT ON COLUMN "reporting"."pareto"."test_mean" IS 'Mean test accuracy';
COMMENT ON COLUMN "reporting"."pareto"."on_front" IS 'Whether the config is on the Pareto front: none that costs at most as much has a higher mean. Noise is not taken into account';
COMMENT ON COLUMN "reporting"."pareto"."position" IS 'Index of the config in the sweep';
COMMENT ON COLUMN "reporting"."pareto"."config_id" IS 'Id of the config';
COMMENT ON COLUMN "reporting"."pareto"."sweep_id" IS 'Id of the sweep';
