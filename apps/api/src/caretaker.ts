/**
 * What must go on while no worker lives: attempts of dead workers end when their lease is over, so that a cancel completes and
 * no run is running for ever; and events are numbered. A worker that leads does the same; both may do it at once.
 */
import { type Database, numberEvents, openReaper } from '@ablate/db';
import type { FastifyBaseLogger } from 'fastify';

const SECONDS = 2;

export type Caretaker = { close(): Promise<void> };

export function startCaretaker(db: Database, log: FastifyBaseLogger): Caretaker {
  // Workers of an earlier version have no row: their leader takes their runs back.
  const reaper = openReaper(db, {
    leaseSeconds: null,
    everySeconds: SECONDS,
    onGap: (message) => log.warn(message),
  });
  let closed = false;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  const care = async (): Promise<void> => {
    try {
      for (const { runId, attempt, state } of await reaper.reap())
        log.warn({ runId, attempt, state }, 'lease expired: attempt taken back');
      await numberEvents(db);
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, `caretaker: failed; retrying every ${SECONDS} s`);
      failing = true;
    }
    if (!closed) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      round = care();
    }, SECONDS * 1000);
  };
  schedule();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await round;
    },
  };
}
