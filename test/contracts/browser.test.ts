import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import test from 'node:test';
import { canonicalHash, canonicalJson } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { build } from 'esbuild';
import fc from 'fast-check';

test('contracts bundle for a browser: no Node module is imported', async () => {
  const entry = join(REPOSITORY, 'packages', 'contracts', 'src', 'index.ts');
  const { errors, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  assert.deepEqual(errors, []);
  const [bundle] = outputFiles;
  assert.ok(bundle);
  // Globals of Node would pass the bundler and fail in the browser.
  assert.doesNotMatch(bundle.text, /\b(process\.env|Buffer\.from|__dirname|import\.meta\.dirname)\b/);
});

test('the canonical hash is the SHA-256 that node:crypto computes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(canonicalHash(value), createHash('sha256').update(canonicalJson(value)).digest('hex'));
    }),
    { numRuns: 2_000 },
  );
});

test('the canonical hash of text beyond ASCII and of long text is that of its UTF-8 bytes', () => {
  for (const text of ['é', '漢字', '😀', '\ud800', 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(64), 'é'.repeat(10_000)])
    assert.equal(canonicalHash(text), createHash('sha256').update(JSON.stringify(text)).digest('hex'));
});
