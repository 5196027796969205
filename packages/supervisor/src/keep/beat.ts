/** Beats over the channel between a process and its supervisor: a process whose event loop is stuck, or that is stopped, sends none. */
import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';

const INTERVAL_MS = 1_000;
/** Intervals without a beat after which a process is stuck. It is longer than any pause that a healthy one makes. */
const SILENT = 10;
/** The same before the first beat, while modules are loaded. */
const SILENT_AT_START = 120;

const Beat = z.strictObject({ type: z.literal('beat') });

/** Sends a beat each second, if a supervisor started this process. For a process that is ready to serve. */
export function sendBeats(): void {
  const beat: z.infer<typeof Beat> = { type: 'beat' };
  const send = (): void => {
    if (process.connected) process.send?.(beat);
  };
  send();
  setInterval(send, INTERVAL_MS).unref();
}

/**
 * Calls `onStuck` with the seconds of silence if a process sends no beats. Returns what ends the watch. Silence is counted in
 * intervals of this process, not by the clock: after a pause of the whole machine, both begin anew.
 */
export function watchBeats(child: ChildProcess, onStuck: (seconds: number) => void): () => void {
  let heard = false;
  let silent = 0;
  child.on('message', (message) => {
    if (!Beat.safeParse(message).success) return;
    heard = true;
    silent = 0;
  });
  const timer = setInterval(() => {
    silent++;
    if (silent < (heard ? SILENT : SILENT_AT_START)) return;
    clearInterval(timer);
    onStuck((silent * INTERVAL_MS) / 1000);
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}
