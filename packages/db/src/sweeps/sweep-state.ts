import { type Counts, isFinished, RunState, type SweepState } from '@ablate/contracts';

export const NO_RUNS: Counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, pruned: 0 };

/** A sweep's state, from its runs and from whether somebody cancelled it. */
export function sweepState(counts: Counts, cancelled: boolean): SweepState {
  if (cancelled) return 'cancelled';
  if (counts.queued + counts.running === 0) return 'finished';
  const begun = counts.running > 0 || RunState.options.some((state) => isFinished(state) && counts[state] > 0);
  return begun ? 'running' : 'queued';
}
