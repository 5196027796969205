import type { AttemptView } from '@ablate/contracts';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';

/** Most attempts of a run that are listed: the newest. */
const MAX_ATTEMPTS = 1_000;

/** The attempts of a run, oldest first. Refuses (`not_found`) an unknown id. */
export async function runAttempts(context: Context, runId: string): Promise<AttemptView[]> {
  const rows = await context.db.prisma.attempt.findMany({
    where: { runId },
    orderBy: { number: 'desc' },
    take: MAX_ATTEMPTS,
  });
  if (rows.length === 0) await requireRun(context, runId);
  return rows.reverse().map((row) => ({
    number: row.number,
    worker: row.worker,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    cause: row.cause,
    message: row.message,
    totalSteps: row.totalSteps,
    epochs: row.epochs,
    parameters: row.parameters === null ? null : Number(row.parameters),
    datasetHash: row.datasetHash,
    resumedFrom: row.resumedFrom,
    compiled: row.compiled,
    notes: row.notes,
    environment: row.environment,
  }));
}
