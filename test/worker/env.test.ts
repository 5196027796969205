import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { readWorkerEnv } from '../../apps/worker/src/env.ts';

const required = { DATABASE_URL: 'postgresql://localhost/ablate', REDIS_URL: 'redis://localhost' };

test('a worker needs two URLs; everything else has a default, and an empty variable counts as unset', () => {
  const env = readWorkerEnv({ ...required, ABLATE_SLOTS: '', ABLATE_HOME: '/somewhere' });
  assert.equal(env.slots, 1);
  assert.deepEqual(env.store, { kind: 'file', folder: '/somewhere/checkpoints' });
  assert.ok(env.beatSeconds * 2 <= env.leaseSeconds);
});

const invalid: [Record<string, string>, RegExp][] = [
  [{ DATABASE_URL: 'mysql://localhost' }, /DATABASE_URL: must be a postgresql:\/\/ address/],
  [{ REDIS_URL: '' }, /REDIS_URL/],
  [{ ABLATE_SLOTS: 'many' }, /ABLATE_SLOTS/],
  [{ ABLATE_LEASE_SECONDS: '2', ABLATE_BEAT_SECONDS: '1.5' }, /ABLATE_BEAT_SECONDS: must be at most half/],
  [{ ABLATE_LOG: 'loud' }, /ABLATE_LOG/],
  [{ ABLATE_TRAINER: '/simulated.ts' }, /ABLATE_TRAINER: .* NODE_ENV=test/],
];
for (const [change, message] of invalid)
  test(`an invalid variable is named: ${JSON.stringify(change)}`, () => {
    assert.throws(() => readWorkerEnv({ ...required, ...change }), message);
  });

test('concurrent trainers share the cores unless ABLATE_THREADS is set', () => {
  assert.equal(readWorkerEnv(required).threads, 0);
  const half = Math.ceil(availableParallelism() / 2);
  assert.equal(readWorkerEnv({ ...required, ABLATE_SLOTS: '2', ABLATE_THREADS: '0' }).threads, half);
  assert.equal(readWorkerEnv({ ...required, ABLATE_SLOTS: '2', ABLATE_THREADS: '7' }).threads, 7);
});
