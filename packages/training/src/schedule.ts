/** The learning rate of each optimiser step. */
import type { Schedule } from '@ablate/contracts';

type Shape = (share: number) => number;

/** Factor on the base rate after a share (0 ≤ s < 1) of the steps after warm-up. */
const shapes: Record<Schedule['name'], Shape> = {
  constant: () => 1,
  cosine: (s) => 0.5 * (1 + Math.cos(Math.PI * s)),
};

export type LearningRates = { base: number; schedule: Schedule; stepsPerEpoch: number; totalSteps: number };

/**
 * The learning rate of step t = 0 … T-1, with W = round(warmupEpochs · stepsPerEpoch) steps of warm-up:
 *
 *     t < W:  base · (t + 1) / W
 *     t ≥ W:  base · ½ · (1 + cos(π · (t - W) / (T - W)))        (cosine; SGDR, arXiv 1608.03983, eq. 5 without restarts)
 *
 * It depends on the step alone, so a resumed run continues exactly.
 */
export function learningRate(step: number, { base, schedule, stepsPerEpoch, totalSteps }: LearningRates): number {
  const warmup = Math.round(schedule.warmupEpochs * stepsPerEpoch);
  if (step < warmup) return (base * (step + 1)) / warmup;
  return base * shapes[schedule.name]((step - warmup) / Math.max(1, totalSteps - warmup));
}
