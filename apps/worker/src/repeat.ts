import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export type Repeated = { close(): Promise<void> };

/** Of the usual pause, what is waited after a duty that found something to do: there may be more of it. */
const BUSY_SHARE = 0.05;

/**
 * Do a duty again and again, one at a time, until closed; soon again where it says that it had something to do. A failure is
 * logged when it begins and when it is over; it never stops the next.
 */
export function repeat(
  name: string,
  everySeconds: number,
  // biome-ignore lint/suspicious/noConfusingVoidType: most duties have nothing to say
  duty: () => Promise<boolean | void>,
  log: Logger,
): Repeated {
  const ended = new AbortController();
  let failing = false;

  const running = (async () => {
    while (!ended.signal.aborted) {
      let busy = false;
      try {
        busy = (await duty()) === true;
        if (failing) log.info(`${name}: works again`);
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error }, `${name}: failed, and is tried again every ${everySeconds} s`);
        failing = true;
      }
      await sleep(everySeconds * 1000 * (busy ? BUSY_SHARE : 1), undefined, { signal: ended.signal }).catch(() => {
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
