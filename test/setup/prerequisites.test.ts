import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY, takeLock } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { isNodeRecent } from '../../scripts/setup/prerequisites.mjs';

/** A fresh clone, with only these shell scripts on its PATH. */
function bareClone(tools: Record<string, string> = {}) {
  const { path } = temporaryFolder();
  for (const part of [
    'scripts',
    'packages/files/src',
    'packages/supervisor/src',
    'package.json',
    'package-lock.json',
    'prisma/schema.prisma',
  ])
    cpSync(join(REPOSITORY, part), join(path, part), { recursive: true });
  const bin = join(path, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const setup = (args: string[] = []) =>
    new Promise<{ code: number | null; out: string; error: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [join(path, 'scripts', 'setup.mjs'), ...args],
        { env: { PATH: bin } },
        (_, out, error) => resolve({ code: child.exitCode, out, error }),
      );
    });
  return { path, setup };
}

test('every missing tool is listed on a line, with how to install it', async () => {
  const { code, error } = await bareClone().setup();
  assert.equal(code, 1);
  const lines = error.trim().split('\n');
  assert.equal(lines[0], 'Missing on this machine:');
  for (const what of ['npm', 'Python 3.9 or later', 'a C++ compiler', 'make']) {
    const line = lines.find((each) => each.startsWith(`  - ${what}`));
    assert.match(line ?? `nothing about ${what}`, /Debian\/Ubuntu: .+ \| Fedora: .+ \| macOS: .+/);
  }
  assert.equal(lines.filter((line) => line.startsWith('  - ')).length, 4);
});

test('a Python without ensurepip is not accepted (Debian without python3-venv)', async () => {
  const present = 'exit 0';
  const noEnsurepip = 'echo "No module named ensurepip" >&2; exit 1';
  const { error } = await bareClone({ npm: present, 'c++': present, make: present, python3: noEnsurepip }).setup();
  assert.match(error, /python3-venv/);
  assert.equal(error.trim().split('\n').length, 2, error);
});

test('a step that fails prints the last output of its command, and what to do', async () => {
  const npm = 'if [ "$1" = ci ]; then echo "registry on fire" >&2; exit 7; fi';
  const { code, error } = await bareClone({ npm }).setup(['--only', 'npm']);
  assert.equal(code, 1);
  assert.match(error, /npm ci: exit code 7\n {4}registry on fire\n.*run it again/);
});

test('a second set-up of the same checkout waits', async () => {
  const { path, setup } = bareClone();
  const lock = takeLock(join(path, '.ablate', 'setup.lock'));
  assert.ok('release' in lock);
  const second = setup();
  const early = await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 1000, 'waiting'))]);
  assert.equal(early, 'waiting');
  lock.release();
  assert.match((await second).out, new RegExp(`waiting for another set-up \\(process ${process.pid}\\)`));
});

test('Node 20.19 is the oldest that is accepted', () => {
  const verdicts = ['18.20.4', '20.18.3', '20.19.0', '22.1.0', '24.0.0'].map(isNodeRecent);
  assert.deepEqual(verdicts, [false, false, true, true, true]);
});
