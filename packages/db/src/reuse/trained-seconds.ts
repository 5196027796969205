/** SQL: device seconds that training a run of `run` took, also if its result is reused: then its own are 0. */
export const TRAINED_SECONDS = 'coalesce(run.reused_seconds, run.useful_seconds)';
