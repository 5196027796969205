/** A checkout whose path has blanks and characters that are special to make, compilers and shells. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULT_HOME, isPlainPath, REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { addon } from '../../scripts/setup/addon.mjs';
import { commandRunner } from '../../scripts/setup/command.mjs';
import { openProgress } from '../../scripts/setup/progress.mjs';
import { runSteps } from '../../scripts/setup/steps.mjs';

const SPECIAL = 'x y & (z) $w\'s ü;`t` "q" #%41';

/** A folder that the add-on can be built for: this checkout's packages by links, with a copy of the package of the add-on. */
function checkout(): string {
  const repository = join(temporaryFolder().path, SPECIAL);
  const real = join(REPOSITORY, 'node_modules');
  const packages = join(repository, 'node_modules');
  mkdirSync(join(packages, '@tensorflow'), { recursive: true });
  for (const name of readdirSync(real)) if (name !== '@tensorflow') symlinkSync(join(real, name), join(packages, name));
  for (const part of ['binding', 'binding.gyp', 'package.json'])
    cpSync(join(real, '@tensorflow/tfjs-node-gpu', part), join(packages, '@tensorflow/tfjs-node-gpu', part), {
      recursive: true,
    });
  for (const part of ['scripts', 'package.json'])
    cpSync(join(REPOSITORY, part), join(repository, part), { recursive: true });
  mkdirSync(join(repository, '.ablate'));
  symlinkSync(join(DEFAULT_HOME, 'python'), join(repository, '.ablate', 'python'));
  return repository;
}

const contextOf = (repository: string) => ({
  repository,
  production: false,
  withRedis: true,
  tensorflow: 'auto' as const,
  run: commandRunner(join(repository, 'setup.log')),
  say: () => undefined,
});

test('the add-on is compiled and loads in a checkout with special characters in its path', async () => {
  const repository = checkout();
  assert.equal(isPlainPath(repository), false);
  const context = contextOf(repository);
  assert.equal(addon.isDone(context), false);
  await addon.run(context); // loads the add-on at its end
  assert.equal(addon.isDone(context), true);
});

test('a colon in the path of a checkout is refused before anything is downloaded', async () => {
  await assert.rejects(runSteps(['npm'], contextOf(join(temporaryFolder().path, 'a:b'))), {
    message: /paths separated by ":", which .*a:b contains: move or rename it/,
  });
});

test('lines of steps that run concurrently are printed in the order of their numbers', async () => {
  const lines: string[] = [];
  const progress = openProgress(4, (line) => void lines.push(line.replace(/ … .*/, '')));
  let finish = (): void => {};
  const first = progress.run(1, 'one', () => new Promise<void>((resolve) => (finish = resolve)));
  await progress.run(2, 'two', async () => {});
  assert.deepEqual(lines, []);
  finish();
  await first;
  assert.deepEqual(lines, ['[1/4] one', '[2/4] two']);
  await assert.rejects(progress.run(3, 'three', () => Promise.reject(new Error('no'))));
  await progress.run(4, 'four', async () => {});
  progress.close();
  assert.deepEqual(lines.slice(2), ['[4/4] four'], 'after a step that failed');
});
