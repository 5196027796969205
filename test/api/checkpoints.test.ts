import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { beforeEach } from 'node:test';
import { type CheckpointFile, CheckpointView, Problem, page } from '@ablate/contracts';
import { claimRun, dispatch, recordCheckpoint } from '@ablate/db';
import { post, runningApp } from './running-app.ts';

const { app, db, checkpoints } = await runningApp();
const bytes = Buffer.from('these bytes stand for weights'.repeat(10_000));
const sha256 = createHash('sha256').update(bytes).digest('hex');

let url = '';
let path = '';

beforeEach(async () => {
  await db.pool.query('DELETE FROM sweep');
  await app.inject(post('/api/v1/sweeps', { version: 1, name: 'x', seeds: [1] }));
  const [job] = (await dispatch(db, { window: 1, room: 1 })).jobs;
  assert.ok(job);
  await claimRun(db, { ...job, worker: 'w' });
  const file = 'best-1-5.safetensors';
  mkdirSync(join(checkpoints, job.runId));
  path = join(checkpoints, job.runId, file);
  writeFileSync(path, bytes);
  const checkpoint: CheckpointFile = {
    ...{ kind: 'best', file, sha256, bytes: bytes.length },
    ...{ step: 5, epoch: 1, valAccuracy: 0.5 },
  };
  await recordCheckpoint(db, { ...job, checkpoint });
  const list = page(CheckpointView).parse((await app.inject(`/api/v1/runs/${job.runId}/checkpoints`)).json());
  assert.deepEqual([list.items.length, list.items[0]?.sha256], [1, sha256]);
  url = `/api/v1/checkpoints/${list.items[0]?.id}`;
});

test('a checkpoint download has its exact bytes, its length, and its hash as ETag', async () => {
  const answer = await app.inject(url);
  assert.deepEqual([answer.statusCode, answer.headers['content-length']], [200, String(bytes.length)]);
  assert.equal(answer.headers.etag, `"${sha256}"`);
  assert.match(
    String(answer.headers['content-disposition']),
    /^attachment; filename="[0-9a-f-]{36}-best\.safetensors"$/,
  );
  assert.ok(answer.rawPayload.equals(bytes));
});

test('a checkpoint that the client already has is not sent again', async () => {
  const answer = await app.inject({ url, headers: { 'if-none-match': `"${sha256}"` } });
  assert.deepEqual([answer.statusCode, answer.rawPayload.length], [304, 0]);
});

for (const [name, spoil] of [
  ['deleted', () => rmSync(path)],
  ['cut short', () => truncateSync(path, 10)],
  [
    'replaced by a link',
    () => {
      rmSync(path);
      writeFileSync(`${path}.other`, bytes);
      symlinkSync(`${path}.other`, path);
    },
  ],
] as const)
  test(`a file that was ${name} is gone`, async () => {
    spoil();
    const answer = await app.inject(url);
    assert.deepEqual([answer.statusCode, Problem.parse(answer.json()).type], [410, 'urn:ablate:gone']);
  });

test('a checkpoint is pinned and unpinned; an unknown id is not found', async () => {
  for (const [method, pinned] of [
    ['PUT', true],
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    const answer = await app.inject({ method, url: `${url}/pin` });
    assert.deepEqual([answer.statusCode, CheckpointView.parse(answer.json()).pinned], [200, pinned]);
  }
  const none = await app.inject({ method: 'PUT', url: '/api/v1/checkpoints/00000000-0000-4000-8000-000000000000/pin' });
  assert.equal(none.statusCode, 404);
});
