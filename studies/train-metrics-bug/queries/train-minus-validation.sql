-- title: Train minus validation accuracy of the best epoch, in points
-- description: Below zero, train accuracy is below validation accuracy.
SELECT evaluate_with AS measured_with, augment, count(*) AS n,
  round(100 * avg(train_accuracy)::numeric, 2) AS train, round(100 * avg(val_accuracy)::numeric, 2) AS validation,
  round(100 * avg(train_accuracy - val_accuracy)::numeric, 2) AS gap,
  round(100 * stddev_samp(train_accuracy - val_accuracy)::numeric, 2) AS sd
FROM runs WHERE sweep_id = CAST(:sweep_id AS uuid) AND state = 'succeeded'
GROUP BY evaluate_with, augment, config_position ORDER BY config_position
