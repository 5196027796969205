import type { RunView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound } from '@ablate/db';
import { runParts, runView } from './run-view.ts';

/** A run. Refuses (`not_found`) an id that is none. */
export async function findRun({ prisma }: Database, runId: string): Promise<RunView> {
  const run = await prisma.run.findUnique({ where: { id: runId }, include: runParts });
  if (run === null) throw notFound('run', runId);
  return runView(run);
}
