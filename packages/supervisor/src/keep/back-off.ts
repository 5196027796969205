const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const STABLE_MS = 60_000;

/** Exponential back-off between restarts; it begins anew after a process has run for a minute. */
export function backOff(): { started: () => void; next: () => number } {
  let wait = FIRST_MS;
  let since = performance.now();
  return {
    started: () => {
      since = performance.now();
    },
    next: () => {
      const now = performance.now() - since > STABLE_MS ? FIRST_MS : wait;
      wait = Math.min(now * 2, LONGEST_MS);
      return now;
    },
  };
}

export const inSeconds = (milliseconds: number): string => `${milliseconds / 1000} s`;
