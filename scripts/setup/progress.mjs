const STILL_SECONDS = 30;

/** @type {(milliseconds: number) => string} */
export const seconds = (milliseconds) => {
  const s = milliseconds / 1000;
  return s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
};

/**
 * Runs one step, and says so in one line when it has ended; in between, now and then, that it still goes on.
 * @type {<T>(label: string, say: (line: string) => void, work: () => Promise<T>) => Promise<T>}
 */
export async function timed(label, say, work) {
  const began = performance.now();
  const still = setInterval(() => say(`${label} … ${seconds(performance.now() - began)} so far`), STILL_SECONDS * 1000);
  try {
    const result = await work();
    say(`${label} … ${seconds(performance.now() - began)}`);
    return result;
  } finally {
    clearInterval(still);
  }
}
