/** What an answer is computed from: rows of the database, already parsed. */
import type { Answer, AnswerMetric, AnswerRow, AnswerSplit, Cause, Counts, RunState, Spec } from '@ablate/contracts';

export type AnswerConfig = {
  id: string;
  position: number;
  hash: string;
  /** Its values on the axes of the sweep. */
  axes: Record<string, unknown>;
  /** The config after whose epochs it takes over. */
  fork: AnswerRow['fork'];
  macs: number | null;
  parameters: number | null;
  /** Mean device seconds of its runs that succeeded. */
  deviceSeconds: number | null;
  unfinished: number;
  failed: number;
  pruned: number;
};

/** By config: the value of each seed that has one. */
export type Values = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The mean over seeds of every config with a value. */
export function meansOf(values: Values): Map<string, number> {
  const means = new Map<string, number>();
  for (const [config, found] of values) {
    let sum = 0;
    for (const value of found.values()) sum += value;
    if (found.size > 0) means.set(config, sum / found.size);
  }
  return means;
}

/** That of a sweep in which nothing has run. */
export const NO_COST: Answer['cost'] = {
  ...{ usefulSeconds: 0, lostSeconds: 0, prunedSeconds: 0, reusedRuns: 0, reusedSeconds: 0 },
  medianSeconds: null,
};

/** By config: on how many images it and the baseline disagree, on average over the seeds of both. */
export type Disagreements = ReadonlyMap<string, { discordant: number; images: number }>;

/** The part of a spec that an answer reads. */
export type AnsweredSpec = Pick<Spec, 'seeds' | 'search' | 'space' | 'compare'>;

export type AnswerInput = {
  sweep: { id: string; name: string };
  spec: AnsweredSpec;
  /** By position. */
  configs: readonly AnswerConfig[];
  values: Values;
  /** `found` and `mostSeeds` as in `ChosenBaseline`. */
  baseline: { id: string; found: boolean; mostSeeds: boolean } | null;
  metric: AnswerMetric;
  split: AnswerSplit;
  counts: Counts;
  cost: Answer['cost'];
  failures: readonly { state: RunState; cause: Cause | null; runs: number; message: string | null }[];
  notes: readonly string[];
  disagreements?: Disagreements;
  /** Maximum number of rows. */
  limit: number;
};
