import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export type Repeated = { close(): Promise<void> };

/** Do a duty again and again, one at a time, until closed. A failure is logged when it begins and when it is over; it never stops the next. */
export function repeat(name: string, everySeconds: number, duty: () => Promise<void>, log: Logger): Repeated {
  const ended = new AbortController();
  let failing = false;

  const running = (async () => {
    while (!ended.signal.aborted) {
      try {
        await duty();
        if (failing) log.info(`${name}: works again`);
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error }, `${name}: failed, and is tried again every ${everySeconds} s`);
        failing = true;
      }
      await sleep(everySeconds * 1000, undefined, { signal: ended.signal }).catch(() => {
        // only ever aborted by close()
      });
    }
  })();

  return {
    close: () => {
      ended.abort();
      return running;
    },
  };
}
