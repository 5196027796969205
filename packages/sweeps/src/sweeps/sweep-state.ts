import { type Counts, isFinished, RunState, type SweepState } from '@ablate/contracts';

export const NO_RUNS: Counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, pruned: 0 };

/** A sweep's state, from its runs and from what somebody asked of it. A paused sweep's last runs may still be stopping. */
export function sweepState(counts: Counts, { cancelled, paused }: { cancelled: boolean; paused: boolean }): SweepState {
  if (cancelled) return 'cancelled';
  if (counts.queued + counts.running === 0) return 'finished';
  if (paused) return 'paused';
  const begun = counts.running > 0 || RunState.options.some((state) => isFinished(state) && counts[state] > 0);
  return begun ? 'running' : 'queued';
}
