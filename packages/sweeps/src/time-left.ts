/** What is known of the runs of a sweep that are not finished, and of those that were. */
export type Outlook = {
  queued: number;
  running: number;
  /** Mean device seconds of a run that succeeded; null without one. */
  meanSeconds: number | null;
  /** Of the running runs that know it: their number, the seconds since they started and those left, added up. */
  known: { runs: number; elapsed: number; left: number };
};

/** Seconds until the last run ends, if as many run at a time as now; null while none runs, or while nothing is known. */
export function timeLeft({ queued, running, meanSeconds, known }: Outlook): number | null {
  if (running === 0) return null;
  const typical = meanSeconds ?? (known.runs > 0 ? (known.elapsed + known.left) / known.runs : null);
  if (typical === null) return null;
  // A run that does not know yet has, on average, half of its time left.
  const left = known.left + ((running - known.runs) * typical) / 2 + queued * typical;
  return left / running;
}
