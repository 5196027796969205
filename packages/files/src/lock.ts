/** One packs, the others wait. A lock is a file that its owner touches; one whose owner has died, or has not touched it for long, is taken over. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { isMissing } from './missing.ts';

const BEAT_MS = 2000;
const SILENT_MS = 30_000;
const POLL_MS = 200;

const Owner = z.strictObject({ pid: z.int().positive(), host: z.string(), id: z.string() });
type Owner = z.infer<typeof Owner>;

const unlessMissing = <T>(promise: Promise<T>): Promise<T | null> =>
  promise.catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // somebody else's, but there
  }
};

async function ownerOf(lock: string): Promise<Owner | null> {
  const text = await unlessMissing(readFile(lock, 'utf8'));
  return text === null ? null : Owner.parse(JSON.parse(text));
}

/** The lock appears with its owner's name in it or not at all. */
async function tryLock(lock: string, owner: Owner): Promise<boolean> {
  const own = `${lock}.${owner.id}.tmp`;
  await writeFile(own, JSON.stringify(owner), { flag: 'wx' });
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Remove a lock whose owner is gone. Of several who try, one renames it; whoever then holds it is asked for by `tryLock` again. */
async function removeIfDead(lock: string): Promise<void> {
  const owner = await ownerOf(lock);
  const seen = await unlessMissing(stat(lock));
  if (!owner || !seen) return;
  const dead = owner.host === hostname() && !isAlive(owner.pid);
  if (!dead && Date.now() - seen.mtimeMs < SILENT_MS) return;
  const aside = `${lock}.${randomUUID()}.tmp`;
  if ((await unlessMissing(rename(lock, aside).then(() => true))) === null) return;
  const taken = await ownerOf(aside);
  // Between the look and the rename somebody else may have taken it over: it is theirs.
  if (taken && taken.id !== owner.id) await unlessMissing(link(aside, lock));
  await rm(aside, { force: true });
}

/** Run `work` while nobody else who asks for this lock does. `onWait` hears of each look at a lock that is held. */
export async function withLock<T>(
  lock: string,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  const owner: Owner = { pid: process.pid, host: hostname(), id: randomUUID() };
  while (!(await tryLock(lock, owner))) {
    signal?.throwIfAborted();
    await removeIfDead(lock);
    onWait?.();
    await pause(POLL_MS, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    // A lock that was taken from us is not ours to touch; packing twice writes the same bytes.
    void unlessMissing(utimes(lock, now, now));
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await ownerOf(lock))?.id === owner.id) await rm(lock, { force: true });
  }
}
