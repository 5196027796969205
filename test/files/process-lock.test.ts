import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { identify, takeLock } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';

const CONTENDERS = 8;

function newLock(): string {
  const { path } = temporaryFolder();
  return join(path, 'a.lock');
}

test('a lock is held until it is released', () => {
  const path = newLock();
  const lock = takeLock(path);
  assert.ok('release' in lock);
  assert.deepEqual(takeLock(path), { heldBy: process.pid });
  lock.release();
  assert.equal(existsSync(path), false);
  assert.ok('release' in takeLock(path));
});

test('the lock of a process that has ended is taken over, also if its id was reused', () => {
  const path = newLock();
  const own = identify(process.pid);
  assert.ok(own);
  writeFileSync(path, JSON.stringify({ ...own, started: 'at another time' }));
  assert.ok('release' in takeLock(path));
  assert.deepEqual(takeLock(path), { heldBy: process.pid });
});

test('if many processes take over a stale lock at once, one succeeds', async () => {
  const path = newLock();
  writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'at another time' }));
  const module = fileURLToPath(import.meta.resolve('../../packages/files/src/process-lock.mjs'));
  const begin = Date.now() + 400;
  const script = `
    const { takeLock } = await import(${JSON.stringify(module)});
    while (Date.now() < ${begin});
    process.stdout.write('release' in takeLock(${JSON.stringify(path)}) ? 'taken' : 'held');
    process.stdin.resume().once('end', () => process.exit());`; // runs until all have tried
  const children = Array.from({ length: CONTENDERS }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script]),
  );
  const words = await Promise.all(
    children.map(
      (child) => new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data)))),
    ),
  );
  for (const child of children) child.stdin.end();
  assert.equal(words.filter((word) => word === 'taken').length, 1, words.join(' '));
});
