import type { RunView } from '@ablate/contracts';
import { isFinished, Progress } from '@ablate/contracts';
import type { Prisma } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

/** The relations that `runView` reads. */
export const runParts = {
  config: { select: { config: true, axes: true, hash: true } },
  sweep: { select: { pausedAt: true } },
  attempts: { select: { notes: true }, orderBy: { number: 'asc' } },
} as const satisfies Prisma.RunInclude;

type RunRow = Prisma.RunGetPayload<{ include: typeof runParts }>;

const Axes = z.record(z.string(), z.unknown());

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A run's row as the API returns it. */
export const runView = (run: RunRow): RunView => ({
  id: run.id,
  sweepId: run.sweepId,
  state: run.state,
  cause: run.cause,
  message: run.message,
  attempt: run.attempt,
  paused: !isFinished(run.state) && (run.pausedAt !== null || run.sweep.pausedAt !== null),
  configId: run.configId,
  configHash: run.config.hash,
  config: run.config.config,
  axes: Axes.parse(run.config.axes),
  seed: run.seed,
  progress: run.progress === null ? null : Progress.parse(run.progress),
  valAccuracy: run.valAccuracy,
  testAccuracy: run.testAccuracy,
  trainAccuracy: run.trainAccuracy,
  notes: [...new Set(run.attempts.flatMap(({ notes }) => notes))],
  reusedFrom: run.reusedFrom,
  forkedFrom: run.forkedFrom,
  createdAt: run.createdAt.toISOString(),
  startedAt: time(run.startedAt),
  finishedAt: time(run.finishedAt),
});

/** A run. Refuses (`not_found`) an unknown id. */
export async function findRun({ db }: Context, runId: string): Promise<RunView> {
  const run = await db.prisma.run.findUnique({ where: { id: runId }, include: runParts });
  if (run === null) throw refusal.unknown('run', runId);
  return runView(run);
}

/** Refuses (`not_found`) an unknown run id. */
export async function requireRun({ db }: Context, runId: string): Promise<void> {
  if ((await db.prisma.run.count({ where: { id: runId } })) === 0) throw refusal.unknown('run', runId);
}
