/** The event log as server-sent events (WHATWG HTML, 9.2): `id` is the event's number, from which a client resumes when it reconnects. */
import type { EventView } from '@ablate/contracts';
import { type Database, readEvents } from '@ablate/db';
import type { EventFeed } from './event-feed.ts';

/** Events read per statement, which bounds the memory of a slow reader. */
const PAGE = 200;
const RETRY_MS = 2_000;

const message = (event: EventView): string =>
  `id: ${event.number}\nevent: ${event.subject}\ndata: ${JSON.stringify(event)}\n\n`;

/** Events after number `after`, then new ones, until `signal` is aborted. Sends a comment after `heartbeatMs` without an event. */
export async function* eventStream({
  db,
  feed,
  filter,
  after,
  heartbeatMs,
  signal,
}: {
  db: Database;
  feed: EventFeed;
  filter: { sweepId?: string; runId?: string };
  after: number;
  heartbeatMs: number;
  signal: AbortSignal;
}): AsyncGenerator<string, void, void> {
  yield `retry: ${RETRY_MS}\n\n`;
  let sent = after;
  while (!signal.aborted) {
    const { head } = feed;
    const events = await readEvents(db, { ...filter, after: sent, limit: PAGE });
    for (const event of events) yield message(event);
    sent = events.at(-1)?.number ?? sent;
    if (events.length === PAGE) continue;
    // Every event up to `head` was read, also those that the filter excludes.
    if (!(await feed.beyond(Math.max(sent, head), heartbeatMs, signal)) && !signal.aborted) yield ': nothing new\n\n';
  }
}
