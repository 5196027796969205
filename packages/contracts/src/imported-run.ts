/** A run that was trained elsewhere, as its results tell it. */
import type { Cause, RunState } from './states.ts';
import type { Environment, Metric } from './trainer.ts';

/** What is known of a run: it ended elsewhere, in one attempt. */
export type ImportedRun = {
  /** Index of its config in the sweep. */
  position: number;
  seed: number;
  /** A final one. */
  state: RunState;
  cause: Cause | null;
  seconds: number;
  finishedAt: string;
  valAccuracy: number | null;
  valLoss: number | null;
  trainAccuracy: number | null;
  testAccuracy: number | null;
  testLoss: number | null;
  bestEpoch: number | null;
  samplesPerSecond: number | null;
  totalSteps: number | null;
  epochs: number;
  parameters: number | null;
  datasetHash: string | null;
  notes: readonly string[];
  environment: Environment | null;
  metrics: readonly Metric[];
};
