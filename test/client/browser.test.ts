import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import vm from 'node:vm';
import { REPOSITORY } from '@ablate/files';
import { build } from 'esbuild';

test('the client bundles for a browser and imports nothing of Node', async () => {
  const bundled = await build({
    entryPoints: [join(REPOSITORY, 'packages/client/src/index.ts')],
    ...{ bundle: true, write: false, metafile: true, platform: 'browser', format: 'iife', globalName: 'client' },
    external: ['node:*', ...builtinModules], // left in the bundle, so that the test can name the importer
    logLevel: 'silent',
  });
  const imports = Object.entries(bundled.metafile.inputs).flatMap(([file, input]) =>
    input.imports.filter(({ external }) => external).map((imported) => `${file} imports ${imported.path}`),
  );
  assert.deepEqual(imports, []);
  // A browser has neither `process` nor `Buffer`: the bundle must run without them, also inside functions.
  const code = bundled.outputFiles[0]?.text ?? '';
  const browser = vm.createContext({ AbortController, AbortSignal, TextDecoder, TextEncoder, URL, URLSearchParams });
  const client = vm.runInContext(`${code}; client`, browser);
  assert.equal(client.openApi('https://ablate.example/').root, 'https://ablate.example/api/v1');
  assert.equal(client.openApi('').root, '/api/v1');
  const ours = Object.entries(bundled.metafile.inputs).filter(([file]) => file.startsWith('packages/client'));
  assert.ok(ours.length > 3);
  assert.doesNotMatch(code, /\bBuffer\.|\bprocess\.(env|nextTick|hrtime|versions)/);
});
