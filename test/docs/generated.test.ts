import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import test from 'node:test';
import { PAGES } from '../../scripts/docs/pages.ts';

for (const [path, page] of Object.entries(PAGES))
  test(`${path} is what npm run docs writes`, async () => {
    const written = await readFile(resolve(import.meta.dirname, '../..', path), 'utf8');
    assert.equal(written, await page(), `${path} is stale: npm run docs`);
  });
