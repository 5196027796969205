import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashedUniform, hashPurpose } from '@ablate/random';

// Computed where these functions lived before: seeds of sweeps and of dropout depend on them.
test('hashed uniforms and purpose hashes keep their values', () => {
  assert.deepEqual(
    [hashedUniform(0, 0, 'subspace'), hashedUniform(7, 41, 'train.lr')],
    [0.6318173032557297, 0.17943713569503217],
  );
  assert.deepEqual(['dropout', '', 'é'].map(hashPurpose), [658024080, -2128831035, 513665217]);
});
