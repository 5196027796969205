/** The event log as it grows. After a broken connection, the stream resumes from the last event received. */
import { EventView } from '@ablate/contracts';
import { createParser } from 'eventsource-parser';
import type { Api, EventFilter } from './client.ts';
import { Unreachable } from './errors.ts';

/** Longer than a restart of the API takes. */
const PATIENCE_MS = 60_000;
const RECONNECT_MS = 1_000;

/** Resolves after `ms`. @throws the signal's reason when it is aborted */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** The `data` of each server-sent event (WHATWG HTML, 9.2.6). */
async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  let received: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void received.push(data) });
  const decoder = new TextDecoder();
  const reader = body.getReader(); // Safari cannot iterate over a stream
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    yield* received;
    received = [];
  }
}

/**
 * The events after number `after`, then new events as they are written, each once. Does not return.
 * @throws Unreachable if the API does not respond for a minute; the signal's reason when it is aborted
 */
export async function* followEvents(
  api: Pick<Api, 'events'>,
  { filter, after, signal }: { filter: EventFilter; after: number; signal: AbortSignal },
): AsyncGenerator<EventView, void, void> {
  let last = after;
  for (let received = performance.now(); ; ) {
    const connection = new AbortController();
    try {
      const until = AbortSignal.any([signal, connection.signal]);
      const body = await api.events.stream(filter, { after: last, signal: until });
      received = performance.now();
      for await (const data of eventData(body)) {
        const event = EventView.parse(JSON.parse(data));
        last = event.number;
        received = performance.now();
        yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      // fetch throws a TypeError when a body breaks off.
      if (!(error instanceof Unreachable || error instanceof TypeError)) throw error;
      if (performance.now() - received > PATIENCE_MS) throw error;
    } finally {
      connection.abort(); // closes the connection if the caller stops iterating
    }
    await delay(RECONNECT_MS, signal);
  }
}
