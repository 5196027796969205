/** Tells open streams that the event log has grown. One statement looks for all of them, and none while nobody listens. */
import { type Database, lastEventNumber, numberEvents } from '@ablate/db';
import type { FastifyBaseLogger } from 'fastify';

const LOOK_MS = 250;

export type EventFeed = {
  /** The newest number that is known. */
  readonly head: number;
  /** Wait until the log goes beyond `number`: true. False after `waitMs`, or when `signal` is aborted. */
  beyond(number: number, waitMs: number, signal: AbortSignal): Promise<boolean>;
};

export function openEventFeed(db: Database, log: FastifyBaseLogger): EventFeed {
  const waiting = new Set<() => void>();
  let head = 0;
  let looking = false;

  async function look(): Promise<void> {
    try {
      await numberEvents(db);
      const newest = await lastEventNumber(db);
      if (newest > head) {
        head = newest;
        for (const wake of waiting) wake();
      }
    } catch (error) {
      // A database that is away is looked for again; the streams stay open.
      log.debug({ err: error }, 'event log');
    }
    if (waiting.size > 0) setTimeout(look, LOOK_MS);
    else looking = false;
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
        if (!looking) {
          looking = true;
          void look();
        }
      });
      return head > number;
    },
  };
}
