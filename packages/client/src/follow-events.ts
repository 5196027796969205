/** The event log as it grows, over connections that may break: each goes on after the last event that came. */
import { setTimeout as wait } from 'node:timers/promises';
import { EventView } from '@ablate/contracts';
import { type Api, Unreachable } from './client.ts';

/** A service that is started again is back by then. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

/** Server-sent events (WHATWG HTML, 9.2.6), as far as this API writes them: what their `data` lines hold. */
async function* dataOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const data = message.split('\n').flatMap((line) => (line.startsWith('data: ') ? line.slice(6) : []));
      if (data.length > 0) yield data.join('\n');
    }
  }
}

/**
 * Events after number `after`, then those that come; each once. Never ends by itself.
 * @throws Unreachable when the API was away for a minute; the signal's reason when it is aborted
 */
export async function* followEvents(
  api: Pick<Api, 'eventStream'>,
  { of, after, signal }: { of: Record<string, string>; after: number; signal: AbortSignal },
): AsyncGenerator<EventView, void, void> {
  let last = after;
  for (let heard = Date.now(); ; ) {
    const broken = new AbortController();
    try {
      const body = await api.eventStream(of, { after: last, signal: AbortSignal.any([signal, broken.signal]) });
      heard = Date.now();
      for await (const data of dataOf(body)) {
        const event = EventView.parse(JSON.parse(data));
        last = event.number;
        heard = Date.now();
        yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      // A body that breaks off is a TypeError of fetch.
      if (!(error instanceof Unreachable || error instanceof TypeError)) throw error;
      if (Date.now() - heard > PATIENCE_MS) throw error;
    } finally {
      broken.abort(); // whoever stops listening closes the connection
    }
    await wait(PAUSE_MS, undefined, { signal });
  }
}
