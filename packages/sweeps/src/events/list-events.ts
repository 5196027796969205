import type { EventView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound, type Page, type PageRequest, readCursor, readEvents, toPage } from '@ablate/db';
import { z } from 'zod';

/**
 * A page of the log, oldest first: of everything, of a sweep, or of a run.
 * Refuses (`not_found`) a sweep or a run that is none.
 */
export async function listEvents(
  db: Database,
  { limit, cursor, ...of }: PageRequest & { sweepId?: string; runId?: string },
): Promise<Page<EventView>> {
  const after = readCursor(cursor, z.int()) ?? 0;
  const events = await readEvents(db, { ...of, after, limit: limit + 1 });
  if (events.length === 0 && after === 0) await checkThere(db, of);
  return toPage(
    events,
    limit,
    ({ number }) => number,
    (event) => event,
  );
}

async function checkThere(
  { prisma }: Database,
  { sweepId, runId }: { sweepId?: string; runId?: string },
): Promise<void> {
  if (sweepId !== undefined && (await prisma.sweep.count({ where: { id: sweepId } })) === 0)
    throw notFound('sweep', sweepId);
  if (runId !== undefined && (await prisma.run.count({ where: { id: runId } })) === 0) throw notFound('run', runId);
}
