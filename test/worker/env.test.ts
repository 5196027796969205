import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { readTrainerEnv } from '../../apps/trainer/src/env.ts';
import { readWorkerEnv } from '../../apps/worker/src/env.ts';

const least = { DATABASE_URL: 'postgresql://localhost/ablate', REDIS_URL: 'redis://localhost' };

test('a worker needs two addresses; all else has a default, and an empty variable is none', () => {
  const env = readWorkerEnv({ ...least, ABLATE_SLOTS: '', ABLATE_HOME: '/somewhere' });
  assert.equal(env.slots, 1);
  assert.deepEqual(env.store, { kind: 'file', folder: '/somewhere/checkpoints' });
  assert.ok(env.beatSeconds * 2 <= env.leaseSeconds);
});

const wrong: [Record<string, string>, RegExp][] = [
  [{ DATABASE_URL: 'mysql://localhost' }, /DATABASE_URL: must be a postgresql:\/\/ address/],
  [{ REDIS_URL: '' }, /REDIS_URL/],
  [{ ABLATE_SLOTS: 'many' }, /ABLATE_SLOTS/],
  [{ ABLATE_LEASE_SECONDS: '2', ABLATE_BEAT_SECONDS: '1.5' }, /ABLATE_BEAT_SECONDS: must be at most half/],
  [{ ABLATE_LOG: 'loud' }, /ABLATE_LOG/],
  [{ ABLATE_TRAINER: '/simulated.ts' }, /ABLATE_TRAINER: .* NODE_ENV=test/],
];
for (const [change, message] of wrong)
  test(`refused by name: ${JSON.stringify(change)}`, () => {
    assert.throws(() => readWorkerEnv({ ...least, ...change }), message);
  });

test('trainers side by side share the cores unless told otherwise', () => {
  assert.equal(readWorkerEnv(least).threads, 0);
  const half = Math.ceil(availableParallelism() / 2);
  assert.equal(readWorkerEnv({ ...least, ABLATE_SLOTS: '2', ABLATE_THREADS: '0' }).threads, half);
  assert.equal(readWorkerEnv({ ...least, ABLATE_SLOTS: '2', ABLATE_THREADS: '7' }).threads, 7);
});

test('a trainer needs nothing', () => {
  assert.equal(readTrainerEnv({}).checkpointSeconds, 20);
});
