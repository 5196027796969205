import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '@ablate/files';

/** Waits for a process, which need not be a child, to end. False if it still runs after `seconds`. */
export async function gone(identity: ProcessIdentity, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** Sends signals in turn, each followed by its seconds of patience, until the process ends. Throws if it still runs. */
export async function end(identity: ProcessIdentity, signals: [NodeJS.Signals, seconds: number][]): Promise<void> {
  for (const [signal, seconds] of signals) {
    if (!isRunning(identity)) return;
    process.kill(identity.pid, signal);
    if (await gone(identity, seconds)) return;
  }
  throw new Error(`process ${identity.pid} still runs after ${signals.map(([signal]) => signal).join(', ')}`);
}
