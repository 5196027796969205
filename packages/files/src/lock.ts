/**
 * A lock of a folder that several machines may share: one process works, the others wait. The owner touches the file;
 * a lock is stale if its owner has ended, or has not touched it for 30 s (a machine that vanished, a process that is
 * stopped). Locks of one machine are in process-lock.mjs: they never expire, and set-up needs them before packages.
 */
import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { isExisting, nullIfMissing } from './missing.ts';
import { identify, isRunning } from './process-identity.mjs';

const BEAT_MS = 2000;
const SILENT_MS = 30_000;
const POLL_MS = 200;

/** `started` is missing in locks of older versions. */
const Owner = z.object({ pid: z.int().positive(), started: z.string().optional(), host: z.string(), id: z.string() });
type Owner = z.infer<typeof Owner>;

/** Where process ids are unique: the host, and on Linux its container. */
function host(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname(); // not Linux
  }
}

const hasEnded = ({ pid, started, host: ownHost }: Owner): boolean =>
  ownHost === host() && (started === undefined ? identify(pid) === null : !isRunning({ pid, started }));

/** The owner in a lock file; null if there is no file, `damaged` if it is empty or cut short, as after a full disk. */
async function ownerOf(lock: string): Promise<Owner | 'damaged' | null> {
  const text = await nullIfMissing(readFile(lock, 'utf8'));
  if (text === null) return null;
  try {
    return Owner.parse(JSON.parse(text));
  } catch {
    return 'damaged'; // a live owner's file is complete: it appears by a link
  }
}

const idOf = (owner: Owner | 'damaged' | null): string | null =>
  owner === null || owner === 'damaged' ? null : owner.id;

/** The lock appears with its owner's name in it or not at all. */
async function tryLock(lock: string, owner: Owner): Promise<boolean> {
  const own = `${lock}.${owner.id}.tmp`;
  await writeFile(own, JSON.stringify(owner), { flag: 'wx' });
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes a stale lock. If several processes try, one succeeds in renaming it; all compete in `tryLock` again. */
async function removeIfStale(lock: string): Promise<void> {
  const owner = await ownerOf(lock);
  const seen = await nullIfMissing(stat(lock));
  if (!owner || !seen) return;
  const isStale = owner === 'damaged' || hasEnded(owner) || Date.now() - seen.mtimeMs >= SILENT_MS;
  if (!isStale) return;
  const aside = `${lock}.${randomUUID()}.tmp`;
  if ((await nullIfMissing(rename(lock, aside).then(() => true))) === null) return;
  const taken = await ownerOf(aside);
  // If another process took the lock over between the look and the rename, the lock goes back to it.
  if (idOf(taken) !== null && idOf(taken) !== idOf(owner)) await nullIfMissing(link(aside, lock));
  await rm(aside, { force: true });
}

/** Runs `work` while this process alone holds the lock. `onWait` is called after each attempt that found it held. */
export async function withLock<T>(
  lock: string,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  const { pid } = process;
  const owner: Owner = { pid, started: identify(pid)?.started, host: host(), id: randomUUID() };
  while (!(await tryLock(lock, owner))) {
    signal?.throwIfAborted();
    await removeIfStale(lock);
    onWait?.();
    await pause(POLL_MS, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    // After a takeover this touches the new owner's lock: harmless, since two packers write the same bytes.
    void nullIfMissing(utimes(lock, now, now));
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (idOf(await ownerOf(lock)) === owner.id) await rm(lock, { force: true });
  }
}
