import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@ablate/harness/temporary';
import { isInstalled } from '../../scripts/setup/npm-packages.mjs';

type Packages = Record<string, { version?: string; optional?: boolean; dev?: boolean; link?: boolean }>;

const WANTED: Packages = {
  'packages/own': { version: '0.1.0' },
  'node_modules/own': { link: true },
  'node_modules/used': { version: '1.0.0' },
  'node_modules/tested-with': { version: '2.0.0', dev: true },
  'node_modules/for-another-platform': { version: '3.0.0', optional: true },
};

/** Whether a checkout with these packages in node_modules counts as installed; null is a missing package list. */
function check(installed: Packages | null, { production = false } = {}): boolean {
  const { path: repository } = temporaryFolder();
  writeFileSync(join(repository, 'package-lock.json'), JSON.stringify({ packages: WANTED }));
  if (installed) {
    mkdirSync(join(repository, 'node_modules'));
    const hidden = join(repository, 'node_modules', '.package-lock.json');
    writeFileSync(hidden, JSON.stringify({ packages: installed }));
  }
  return isInstalled({
    repository,
    production,
    withRedis: true,
    tensorflow: 'auto',
    run: () => Promise.reject(new Error('the check runs no command')),
    say: () => undefined,
  });
}

const without = (...names: string[]): Packages =>
  Object.fromEntries(Object.entries(WANTED).filter(([path]) => !names.includes(path)));

test('all packages of the lockfile are installed, except optional ones', () => {
  assert.equal(check(WANTED), true);
  assert.equal(check(without('packages/own', 'node_modules/for-another-platform')), true);
});

test('an interrupted or outdated installation is not complete', () => {
  assert.equal(check(null), false);
  assert.equal(check(without('node_modules/used')), false);
  assert.equal(check(without('node_modules/own')), false);
  assert.equal(check({ ...WANTED, 'node_modules/used': { version: '0.9.0' } }), false);
});

test('development packages may be missing in production', () => {
  assert.equal(check(without('node_modules/tested-with')), false);
  assert.equal(check(without('node_modules/tested-with'), { production: true }), true);
});
