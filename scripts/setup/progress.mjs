const STILL_SECONDS = 30;

/** @type {(milliseconds: number) => string} */
export const seconds = (milliseconds) => {
  const s = milliseconds / 1000;
  return s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
};

/**
 * Runs a step; prints a line every 30 s while it runs, and a numbered one when it is done. Steps are numbered in the order
 * in which they end, since some run concurrently.
 * @type {<T>(title: string, context: { say: (line: string) => void, number: () => string }, work: () => Promise<T>) => Promise<T>}
 */
export async function timed(title, { say, number }, work) {
  const began = performance.now();
  const took = () => seconds(performance.now() - began);
  const still = setInterval(() => say(`      ${title} … ${took()} so far`), STILL_SECONDS * 1000);
  try {
    const result = await work();
    say(`${number()} ${title} … ${took()}`);
    return result;
  } finally {
    clearInterval(still);
  }
}
