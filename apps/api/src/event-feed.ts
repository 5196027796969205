/** Notifies open streams of new events. One poll of the database serves all streams; without streams there is no poll. */
import { type Database, lastEventNumber, numberEvents } from '@ablate/db';
import type { FastifyBaseLogger } from 'fastify';

const POLL_MS = 250;

export type EventFeed = {
  /** The highest event number seen. */
  readonly head: number;
  /** Waits for an event with a number above `number`: true. False after `waitMs`, or if `signal` is aborted. */
  beyond(number: number, waitMs: number, signal: AbortSignal): Promise<boolean>;
};

export function openEventFeed(db: Database, log: FastifyBaseLogger): EventFeed {
  const waiting = new Set<() => void>();
  let head = 0;
  let polling = false;

  async function poll(): Promise<void> {
    try {
      await numberEvents(db);
      const newest = await lastEventNumber(db);
      if (newest > head) {
        head = newest;
        for (const wake of waiting) wake();
      }
    } catch (error) {
      // The next poll retries; the streams stay open.
      log.debug({ err: error }, 'event log');
    }
    if (waiting.size > 0) setTimeout(poll, POLL_MS);
    else polling = false;
  }

  return {
    get head() {
      return head;
    },
    async beyond(number, waitMs, signal) {
      if (head > number) return true;
      if (signal.aborted) return false;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          waiting.delete(wake);
          resolve();
        };
        const wake = () => head > number && done();
        const timer = setTimeout(done, waitMs);
        signal.addEventListener('abort', done);
        waiting.add(wake);
        if (!polling) {
          polling = true;
          void poll();
        }
      });
      return head > number;
    },
  };
}
