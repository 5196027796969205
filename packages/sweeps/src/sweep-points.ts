import { sweepPoints as pointsOf } from '@ablate/answers';
import type { AnswerMetric, AnswerSplit, SweepPoints } from '@ablate/contracts';
import { inSnapshot, readAnsweredSweep } from './answered-sweep.ts';
import type { Context } from './context.ts';

/** Every config of a sweep with its mean. Refuses (`not_found`) an unknown id, (`invalid_parameter`) a figure that it does not have. */
export const sweepPoints = (
  context: Context,
  { sweepId, metric, split }: { sweepId: string; metric?: AnswerMetric; split: AnswerSplit },
): Promise<SweepPoints> =>
  inSnapshot(context, async (client) =>
    pointsOf(await readAnsweredSweep(client, sweepId, { ...(metric ? { metric } : {}), split })),
  );
