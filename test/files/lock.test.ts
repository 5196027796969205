import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';

/** A lock file, what its owner writes into it, and how often a second taker has found it held. */
async function newLock() {
  const { path: folder } = temporaryFolder();
  const lock = join(folder, 'a.lock');
  const owner: Record<string, unknown> = await withLock(lock, {}, async () => JSON.parse(readFileSync(lock, 'utf8')));
  const endedPid = spawnSync(process.execPath, ['--version']).pid;
  /** Resolves when the lock was taken, or to false if it was found held `times` times. */
  const isTaken = async (times: number): Promise<boolean> => {
    const abort = new AbortController();
    let waits = 0;
    const onWait = () => void (++waits >= times && abort.abort());
    return withLock(lock, { signal: abort.signal, onWait }, async () => true).catch((error: unknown) => {
      if (abort.signal.aborted) return false;
      throw error;
    });
  };
  return { folder, lock, owner, endedPid, isTaken };
}

test('one process works at a time, and nothing is left', async () => {
  const { folder, lock } = await newLock();
  let working = 0;
  const work = async () => {
    assert.equal(++working, 1);
    await sleep(20);
    working--;
  };
  await Promise.all([1, 2, 3].map(() => withLock(lock, {}, work)));
  assert.deepEqual(readdirSync(folder), []);
});

test('an empty or cut lock file is stale', async () => {
  const { lock, owner, isTaken } = await newLock();
  for (const damaged of ['', JSON.stringify(owner).slice(0, 20), '[]']) {
    writeFileSync(lock, damaged);
    assert.equal(await isTaken(3), true, damaged);
  }
});

test('the lock of a process that has ended is taken over, also if its id was reused', async () => {
  const { lock, owner, endedPid, isTaken } = await newLock();
  for (const stale of [
    { ...owner, pid: endedPid },
    { ...owner, started: 'at another time' },
  ]) {
    writeFileSync(lock, JSON.stringify(stale));
    assert.equal(await isTaken(3), true, JSON.stringify(stale));
  }
});

test('the lock of another machine is held until it is silent for 30 s', async () => {
  const { lock, owner, endedPid, isTaken } = await newLock();
  for (const foreign of [
    { ...owner, pid: endedPid, host: 'elsewhere' },
    { pid: endedPid, host: 'elsewhere', id: 'written by an older version' },
  ]) {
    writeFileSync(lock, JSON.stringify(foreign));
    assert.equal(await isTaken(2), false);
    const silent = Date.now() / 1000 - 31;
    utimesSync(lock, silent, silent);
    assert.equal(await isTaken(3), true);
  }
});
