import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '@ablate/files';
import { backOff, inSeconds } from './back-off.ts';

const LOOK_MS = 500;

/** A server process that Ablate runs for itself. */
export type Service = {
  url: string;
  server: ProcessIdentity;
  /** It was already running, left behind by a supervisor that was killed. */
  adopted: boolean;
  /** Ends it cleanly and waits; nothing that was acknowledged is lost. */
  stop: () => Promise<void>;
};

export type KeptService = { url: () => string; stop: () => Promise<void> };

/**
 * Keeps a server running that need not be a child: when its process ends, a line is reported, and it is started again.
 * `onMove` is called if its address has changed.
 */
export async function keepService({
  name,
  start,
  say,
  onMove,
}: {
  name: string;
  start: () => Promise<Service>;
  say: (line: string) => void;
  onMove: () => void;
}): Promise<KeptService> {
  let service = await start();
  const stopping = new AbortController();
  const { signal } = stopping;

  async function startAgain(): Promise<void> {
    const pause = backOff();
    for (;;) {
      const wait = pause.next();
      say(`${name} has ended; restarting in ${inSeconds(wait)}`);
      await sleep(wait, undefined, { signal });
      try {
        const { url } = service;
        service = await start();
        if (service.url !== url) onMove();
        return;
      } catch (error) {
        say(`${name} does not start: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      if (!isRunning(service.server)) await startAgain();
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  const watching = watch().catch((error) => {
    if (!signal.aborted) throw error;
  });
  return {
    url: () => service.url,
    stop: async () => {
      stopping.abort();
      await watching; // a start under way ends first, so that nothing is left running
      await service.stop();
    },
  };
}
