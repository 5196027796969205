import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '@ablate/files';
import type { Service } from '../service.ts';
import { backOff, inSeconds } from './back-off.ts';

const LOOK_MS = 500;

export type KeptService = { url: () => string; stop: () => Promise<void> };

/**
 * Keeps a server running that may not be our child: when its process is gone it is started again, and one line says so. `moved` is
 * called when it had to take another address.
 */
export async function keepService({
  name,
  start,
  say,
  moved,
}: {
  name: string;
  start: () => Promise<Service>;
  say: (line: string) => void;
  moved: () => void;
}): Promise<KeptService> {
  let service = await start();
  const stopping = new AbortController();
  const { signal } = stopping;

  async function startAgain(): Promise<void> {
    const pause = backOff();
    for (;;) {
      const wait = pause.next();
      say(`${name} has ended; it is started again in ${inSeconds(wait)}`);
      await sleep(wait, undefined, { signal });
      try {
        const { url } = service;
        service = await start();
        if (service.url !== url) moved();
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
