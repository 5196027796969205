/** The event log as server-sent events (WHATWG HTML, 9.2): `id` is the event's number, so that a client that comes back misses nothing. */
import type { EventView } from '@ablate/contracts';
import { type Database, readEvents } from '@ablate/db';
import type { EventFeed } from './event-feed.ts';

/** Events read at once: what a reader that is slow can keep waiting here. */
const PAGE = 200;
const RETRY_MS = 2_000;

const message = (event: EventView): string =>
  `id: ${event.number}\nevent: ${event.subject}\ndata: ${JSON.stringify(event)}\n\n`;

/** Events after number `after`, then those that come, until `signal` is aborted. Silence is filled with comments, every `heartbeatMs`. */
export async function* eventStream({
  db,
  feed,
  of,
  after,
  heartbeatMs,
  signal,
}: {
  db: Database;
  feed: EventFeed;
  of: { sweepId?: string; runId?: string };
  after: number;
  heartbeatMs: number;
  signal: AbortSignal;
}): AsyncGenerator<string, void, void> {
  yield `retry: ${RETRY_MS}\n\n`;
  let sent = after;
  while (!signal.aborted) {
    const { head } = feed;
    const events = await readEvents(db, { ...of, after: sent, limit: PAGE });
    for (const event of events) yield message(event);
    sent = events.at(-1)?.number ?? sent;
    if (events.length === PAGE) continue;
    // All up to `head` was read, other subjects' events included.
    if (!(await feed.beyond(Math.max(sent, head), heartbeatMs, signal)) && !signal.aborted) yield ': nothing new\n\n';
  }
}
