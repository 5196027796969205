import type { EventView } from '@ablate/contracts';
import { readEvents } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';
import { requireSweep } from './find-sweep.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';

/**
 * A page of the event log, oldest first: all events, or those of a sweep or a run.
 * Refuses (`not_found`) an unknown sweep or run id.
 */
export async function listEvents(
  context: Context,
  { limit, cursor, ...filter }: PageRequest & { sweepId?: string; runId?: string },
): Promise<Page<EventView>> {
  const after = readCursor(cursor, z.int().min(0)) ?? 0;
  const events = await readEvents(context.db, { ...filter, after, limit: limit + 1 });
  if (events.length === 0 && after === 0) {
    if (filter.sweepId !== undefined) await requireSweep(context, filter.sweepId);
    if (filter.runId !== undefined) await requireRun(context, filter.runId);
  }
  return toPage(
    events,
    limit,
    ({ number }) => number,
    (event) => event,
  );
}
