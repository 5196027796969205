const STILL_SECONDS = 30;

/** @type {(milliseconds: number) => string} */
export const seconds = (milliseconds) => {
  const s = milliseconds / 1000;
  return s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
};

/**
 * Prints a line for each of `total` numbered steps, in the order of their numbers, although some run concurrently: the line of a
 * step waits for those before it. Every 30 s a line says what is running. `close` prints what still waits.
 * @type {(total: number, say: (line: string) => void) => {
 *   run: <T>(number: number, title: string, work: () => Promise<T>) => Promise<T>,
 *   done: (number: number, text: string) => void,
 *   close: () => void,
 * }}
 */
export function openProgress(total, say) {
  /** @type {Map<number, string>} */
  const waiting = new Map();
  /** @type {Map<number, string>} */
  const running = new Map();
  let next = 1;
  const began = performance.now();

  /** @type {(number: number, text: string) => void} */
  function done(number, text) {
    waiting.set(number, `[${number}/${total}] ${text}`);
    for (let line = waiting.get(next); line !== undefined; line = waiting.get(++next)) {
      waiting.delete(next);
      say(line);
    }
  }
  const still = setInterval(() => {
    if (running.size > 0) say(`      ${seconds(performance.now() - began)}: ${[...running.values()].join('; ')} …`);
  }, STILL_SECONDS * 1000);

  return {
    done,
    async run(number, title, work) {
      const start = performance.now();
      running.set(number, title);
      try {
        const result = await work();
        done(number, `${title} … ${seconds(performance.now() - start)}`);
        return result;
      } finally {
        running.delete(number);
      }
    },
    close() {
      clearInterval(still);
      for (const [, line] of [...waiting].sort(([a], [b]) => a - b)) say(line); // those after a step that failed
    },
  };
}
