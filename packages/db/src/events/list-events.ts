import type { EventView } from '@ablate/contracts';
import { z } from 'zod';
import { type Page, type PageRequest, readCursor, toPage } from '../cursor.ts';
import type { Database } from '../database.ts';
import { readEvents } from './read-events.ts';

/** A page of the log, oldest first: of everything, of a sweep, or of a run. An event that the next page lacks is not committed yet. */
export async function listEvents(
  db: Database,
  { limit, cursor, ...of }: PageRequest & { sweepId?: string; runId?: string },
): Promise<Page<EventView>> {
  const after = readCursor(cursor, z.int()) ?? 0;
  const events = await readEvents(db, { ...of, after, limit: limit + 1 });
  return toPage(
    events,
    limit,
    ({ number }) => number,
    (event) => event,
  );
}
