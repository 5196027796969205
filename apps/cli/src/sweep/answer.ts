/** The result of a sweep as text. */
import { type RunView, Spec, type SweepDetail } from '@ablate/contracts';
import { ablation, formatAblation } from './ablation.ts';

const WithBaseline = Spec.pick({ baseline: true }).loose();

/** The baseline of a sweep's spec. */
export const baselineOf = ({ spec }: SweepDetail): Record<string, unknown> | undefined => {
  const parsed = WithBaseline.safeParse(spec);
  return parsed.success ? parsed.data.baseline : undefined;
};

/** A sweep's table, and below it the notes of its runs, each once. */
export const formatAnswer = ({ sweep, runs }: { sweep: SweepDetail; runs: readonly RunView[] }): string =>
  [
    formatAblation(ablation(runs, { baseline: baselineOf(sweep) })),
    ...[...new Set(runs.flatMap((run) => run.notes))].map((note) => `note: ${note}`),
  ].join('\n');
