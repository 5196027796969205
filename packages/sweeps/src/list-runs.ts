import type { RunState, RunView } from '@ablate/contracts';
import { z } from 'zod';
import type { Context } from './context.ts';
import { runParts, runView } from './find-run.ts';
import { requireSweep } from './find-sweep.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';

const Position = z.int32().min(0);

/** A page of a sweep's runs by position; only those in `state` and of `configId`, if given. Refuses (`not_found`) an unknown sweep id. */
export async function listRuns(
  context: Context,
  { sweepId, state, configId, limit, cursor }: PageRequest & { sweepId: string; state?: RunState; configId?: string },
): Promise<Page<RunView>> {
  const after = readCursor(cursor, Position);
  const rows = await context.db.prisma.run.findMany({
    where: { sweepId, state, configId, position: after === undefined ? undefined : { gt: after } },
    include: runParts,
    orderBy: { position: 'asc' },
    take: limit + 1,
  });
  if (rows.length === 0) await requireSweep(context, sweepId);
  return toPage(rows, limit, (row) => row.position, runView);
}
