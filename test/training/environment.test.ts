import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@ablate/harness/temporary';
import { codeVersion } from '@ablate/training';

test('only changed code marks the code version of a run', async () => {
  const { path } = temporaryFolder();
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...words], { cwd: path });
  const write = (file: string, text: string) => writeFileSync(join(path, file), text);
  assert.equal(await codeVersion(path), 'unknown');
  git('init', '-q');
  mkdirSync(join(path, 'apps'));
  mkdirSync(join(path, 'studies'));
  write('apps/code.ts', '1');
  write('studies/first.json', '1');
  git('add', '.');
  git('commit', '-qm', 'first');
  const commit = git('rev-parse', 'HEAD').toString().trim();
  assert.equal(await codeVersion(path), commit);
  write('mine.json', '{}'); // as the README suggests
  write('studies/first.json', '2');
  assert.equal(await codeVersion(path), commit);
  write('apps/new.ts', '1');
  assert.equal(await codeVersion(path), `${commit}+`);
});
