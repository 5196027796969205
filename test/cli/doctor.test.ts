import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { testDatabase } from '../support/postgres.ts';
import { testRedis } from '../support/redis.ts';
import { ablate, assertDone } from './command-line.ts';

const Report = z.object({
  works: z.boolean(),
  checks: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string(), remedy: z.string().optional() })),
});
const report = (out: string) => {
  const { works, checks } = Report.parse(JSON.parse(out));
  return { works, check: (name: string) => checks.find((check) => check.name === name) };
};

test('doctor reports each component', async (t) => {
  const env = {
    DATABASE_URL: (await testDatabase(t)).url,
    REDIS_URL: (await testRedis(t)).url,
    ABLATE_API_URL: 'http://127.0.0.1:65533/api/v1', // an API may be running at the default address
  };
  const ended = await ablate(['doctor', '--json'], { env });
  assertDone(ended);
  const { works, check } = report(ended.out);
  assert.equal(works, true);
  assert.equal(check('Node')?.detail, process.versions.node);
  assert.match(check('TensorFlow')?.detail ?? '', /^\d+\.\d+\.\d+, device (cpu|gpu), \d+ threads, oneDNN (on|off)$/);
  assert.match(check('processor')?.detail ?? '', /AVX2.*AVX-512.*AMX bf16; .*bf16/s);
  assert.ok(check('GPU')?.detail);
  assert.match(check('PostgreSQL')?.detail ?? '', /^\d+.* at postgres(ql)?:\/\/.*:\*\*\*@/);
  assert.match(check('Redis')?.detail ?? '', /^\d+\.\d+/);
  assert.equal(check('data set shapes10')?.state, 'ok');
  assert.match(check('checkpoints')?.detail ?? '', /ablate\/checkpoints, created at the first run$/);
  assert.equal(check('API')?.state, 'warning', 'an API that is not running is only a warning');
  const limited = report((await ablate(['doctor', '--json'], { env: { ...env, ONEDNN_MAX_CPU_ISA: 'AVX2' } })).out);
  const onGpu = /device gpu/.test(check('TensorFlow')?.detail ?? '');
  assert.equal(limited.check('processor')?.state, onGpu ? 'ok' : 'warning', 'figures were measured with AVX-512');
});

test('doctor fails if a component is missing, and prints no passwords', async () => {
  const env = {
    DATABASE_URL: 'postgresql://me:hidden@127.0.0.1:1/x',
    REDIS_URL: 'redis://127.0.0.1:1',
    ABLATE_DEVICE: 'gpux',
    ABLATE_CHECKPOINTS: process.execPath,
  };
  const ended = await ablate(['doctor'], { env });
  assert.equal(ended.code, 1);
  assert.match(ended.out, /^✗ PostgreSQL .*ECONNREFUSED/m);
  assert.match(ended.out, /^✗ Redis .*ECONNREFUSED/m);
  assert.match(ended.out, /^✗ checkpoints .*is not writable: set ABLATE_CHECKPOINTS/m);
  assert.match(ended.out, /^✗ TensorFlow .*ABLATE_DEVICE/m);
  assert.match(ended.err, /runs cannot work on this machine: TensorFlow, PostgreSQL, Redis, checkpoints/);
  assert.doesNotMatch(ended.out + ended.err, /hidden/);
});
