import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrainerEnv } from '@ablate/training/env';

test('every variable of a trainer has a default, and an invalid one is named', () => {
  assert.equal(readTrainerEnv({}).checkpointSeconds, 20);
  assert.throws(() => readTrainerEnv({ ABLATE_DATA_MIB: 'much' }), /ABLATE_DATA_MIB/);
});
