import assert from 'node:assert/strict';
import test from 'node:test';
import { loadedModules } from '../support/loaded-modules.ts';

test('a command that asks the API loads no database and no queue', async () => {
  const loaded = await loadedModules('./apps/cli/src/env.ts');
  assert.ok(loaded.includes('packages/supervisor/src/services-file.ts'));
  assert.deepEqual(
    loaded.filter((path) => /node_modules\/(ioredis|pg|@prisma)\/|^packages\/db\//.test(path)),
    [],
  );
});

test('`ablate --help` and a refused command line load no schemas, clients or servers', async () => {
  const loaded = await loadedModules('./apps/cli/src/program.ts');
  assert.ok(loaded.includes('apps/cli/src/commands/submit.ts') && loaded.includes('apps/cli/src/model/commands.ts'));
  const packages = new Set(
    loaded.flatMap((path) => /^(?:node_modules\/(?:@[^/]+\/)?[^/]+|packages\/.*)/.exec(path)?.[0] ?? []),
  );
  for (const light of ['esbuild', 'get-tsconfig', 'resolve-pkg-maps', 'tsx']) packages.delete(`node_modules/${light}`);
  assert.deepEqual([...packages].sort(), [
    'node_modules/commander',
    'node_modules/get-east-asian-width',
    'packages/contracts/src/count.ts',
    'packages/contracts/src/user-error.ts',
    'packages/sql/src/limits.ts',
    'packages/tables/src/visible.ts',
  ]);
});
