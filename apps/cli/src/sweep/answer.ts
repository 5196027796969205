import type { RunView, SweepDetail } from '@ablate/contracts';
import { ablation, formatAblation } from './ablation.ts';
import { baselineOf } from './baseline.ts';

/** What was not done as asked, and what a reader of the scores must know; each said once. */
export const notesOf = (runs: readonly RunView[]): string[] => [...new Set(runs.flatMap((run) => run.notes))];

/** A sweep's table, and below it its runs' notes. */
export const formatAnswer = ({ sweep, runs }: { sweep: SweepDetail; runs: readonly RunView[] }): string =>
  [
    formatAblation(ablation(runs, { baseline: baselineOf(sweep) })),
    ...notesOf(runs).map((note) => `note: ${note}`),
  ].join('\n');
