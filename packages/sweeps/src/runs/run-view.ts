import type { RunView } from '@ablate/contracts';
import { isFinished, isRecord, Progress } from '@ablate/contracts';
import type { Prisma } from '@ablate/db';

/** What is read with a run to show it. */
export const runParts = {
  config: { select: { config: true, axes: true } },
  sweep: { select: { pausedAt: true } },
  attempts: { select: { notes: true }, orderBy: { number: 'asc' } },
} as const satisfies Prisma.RunInclude;

type RunRow = Prisma.RunGetPayload<{ include: typeof runParts }>;

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

export const runView = (run: RunRow): RunView => ({
  id: run.id,
  sweepId: run.sweepId,
  state: run.state,
  cause: run.cause,
  message: run.message,
  attempt: run.attempt,
  paused: !isFinished(run.state) && (run.pausedAt !== null || run.sweep.pausedAt !== null),
  config: run.config.config,
  axes: isRecord(run.config.axes) ? run.config.axes : {},
  seed: run.seed,
  progress: run.progress === null ? null : Progress.parse(run.progress),
  valAccuracy: run.valAccuracy,
  testAccuracy: run.testAccuracy,
  trainAccuracy: run.trainAccuracy,
  notes: [...new Set(run.attempts.flatMap(({ notes }) => notes))],
  createdAt: run.createdAt.toISOString(),
  startedAt: time(run.startedAt),
  finishedAt: time(run.finishedAt),
});
