import type { RunState, RunView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound, type Page, type PageRequest, readCursor, toPage } from '@ablate/db';
import { z } from 'zod';
import { runParts, runView } from './run-view.ts';

const Position = z.int().min(0);

/** A page of a sweep's runs in the sweep's order, of one state if one is named. Refuses (`not_found`) a sweep that is none. */
export async function listRuns(
  { prisma }: Database,
  { sweepId, state, limit, cursor }: PageRequest & { sweepId: string; state?: RunState },
): Promise<Page<RunView>> {
  const after = readCursor(cursor, Position);
  const rows = await prisma.run.findMany({
    where: { sweepId, state, position: after === undefined ? undefined : { gt: after } },
    include: runParts,
    orderBy: { position: 'asc' },
    take: limit + 1,
  });
  if (rows.length === 0 && (await prisma.sweep.count({ where: { id: sweepId } })) === 0)
    throw notFound('sweep', sweepId);
  return toPage(rows, limit, (row) => row.position, runView);
}
