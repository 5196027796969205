import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '@ablate/files';

/** Waits for a process, which need not be a child, to end. False when `seconds` have passed and it is still there. */
export async function gone(identity: ProcessIdentity, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** Ends a process with one signal after the other, each given its seconds. */
export async function end(identity: ProcessIdentity, signals: [NodeJS.Signals, seconds: number][]): Promise<void> {
  for (const [signal, seconds] of signals) {
    if (!isRunning(identity)) return;
    process.kill(identity.pid, signal);
    if (await gone(identity, seconds)) return;
  }
  throw new Error(`process ${identity.pid} is still there after ${signals.map(([signal]) => signal).join(', ')}`);
}
