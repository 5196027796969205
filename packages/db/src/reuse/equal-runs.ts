/** Which earlier runs have the result that a run would have. The plan of a sweep and the workers ask the same rule. */

/** The name of the worker of an imported attempt. */
export const IMPORTER = 'import';

/** SQL: whether a run of `run` and `config` is evaluated where its spec says, and nowhere else: a rung adds an epoch, from which the best may be chosen. */
export const EVALUATED_AS_WRITTEN = `(
  run.until_epoch IS NULL AND run.reached_epoch IS NULL OR coalesce((config.config #>> '{train,evaluate,everyEpochs}')::integer, 1) = 1
)`;

/**
 * SQL: runs that were trained here and succeeded, with what decides their result: config (`hash`), `seed`, `code` and `data`. Code that is no commit, or differs from it,
 * has no name that tells it from other code. Nor has a run that started from the checkpoint of another config. `is_origin`: whether it was trained itself.
 */
export const EQUAL_RUNS = `(
  SELECT config.hash, run.seed, attempt.environment ->> 'code' AS code, attempt.dataset_hash AS data, run.id AS run_id,
    run.reused_from IS NULL AS is_origin, run.finished_at
  FROM config JOIN run ON run.config_id = config.id AND run.state = 'succeeded'
  JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
  WHERE attempt.environment ->> 'code' ~ '^[0-9a-f]{40}$' AND attempt.dataset_hash IS NOT NULL AND attempt.worker <> '${IMPORTER}'
    AND run.forked_from IS NULL AND ${EVALUATED_AS_WRITTEN}
)`;
