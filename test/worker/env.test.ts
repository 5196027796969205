import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWorkerEnv } from '../../apps/worker/src/env.ts';

const required = { DATABASE_URL: 'postgresql://localhost/ablate', REDIS_URL: 'redis://localhost' };

test('a worker needs two URLs; everything else has a default, and an empty variable counts as unset', () => {
  const env = readWorkerEnv({ ...required, ABLATE_SLOTS: '', ABLATE_HOME: '/somewhere' });
  assert.equal(env.slots, 'auto');
  assert.deepEqual(env.store, { kind: 'file', folder: '/somewhere/checkpoints' });
  assert.ok(env.beatSeconds * 2 <= env.leaseSeconds);
});

const invalid: [Record<string, string>, RegExp][] = [
  [{ DATABASE_URL: 'mysql://localhost' }, /DATABASE_URL: must be a postgresql:\/\/ address/],
  [{ REDIS_URL: '' }, /REDIS_URL/],
  [{ ABLATE_SLOTS: 'many' }, /ABLATE_SLOTS: must be auto, or a number from 1 to 64/],
  [{ ABLATE_SLOTS: '0' }, /ABLATE_SLOTS/],
  [{ ABLATE_LEASE_SECONDS: '2', ABLATE_BEAT_SECONDS: '1.5' }, /ABLATE_BEAT_SECONDS: must be at most half/],
  [{ ABLATE_LOG: 'loud' }, /ABLATE_LOG/],
  [{ ABLATE_TRAINER: '/simulated.ts' }, /ABLATE_TRAINER: .* NODE_ENV=test/],
];
for (const [change, message] of invalid)
  test(`an invalid variable is named: ${JSON.stringify(change)}`, () => {
    assert.throws(() => readWorkerEnv({ ...required, ...change }), message);
  });
