import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { before } from 'node:test';
import { InspectionView, Problem } from '@ablate/contracts';
import {
  claimInspection,
  finishInspection,
  finishRun,
  recordCheckpoint,
  recordInside,
  registerWorker,
} from '@ablate/db';
import { encodePng } from '@ablate/files/png';
import { checkpoint, claimedJob, RESULT } from '../db/small-sweep.ts';
import { post, runningApp } from './running-app.ts';

const { app, db } = await runningApp();
const png = Buffer.from(encodePng({ width: 64, height: 32, pixels: new Uint8Array(64 * 32 * 3) }));
let runId = '';
before(async () => {
  const job = await claimedJob(db);
  const maps = { bytes: Buffer.from('maps'), sha256: 'a'.repeat(64) };
  await recordInside(db, { ...job, inside: { maps, images: { bytes: png, sha256: 'b'.repeat(64) } } });
  await recordCheckpoint(db, { ...job, checkpoint: checkpoint('best', 10) });
  await finishRun(db, { ...job, result: RESULT });
  runId = job.runId;
});

const get = (path: string, headers: Record<string, string> = {}) => app.inject({ url: `/api/v1${path}`, headers });
const picture = (payload: Buffer, type = 'image/png') =>
  app.inject({
    ...{ method: 'POST', url: `/api/v1/runs/${runId}/inspect/picture`, payload },
    headers: { 'content-type': type },
  });

test('the files of a look inside never change: a client that has them gets 304', async () => {
  for (const [path, type, body, tag] of [
    ['inside', 'application/octet-stream', Buffer.from('maps'), `"${'a'.repeat(64)}"`],
    ['inside.png', 'image/png', png, `"${'b'.repeat(64)}"`],
  ] as const) {
    const answer = await get(`/runs/${runId}/${path}`);
    assert.deepEqual([answer.statusCode, answer.headers['content-type'], answer.headers.etag], [200, type, tag]);
    assert.match(String(answer.headers['cache-control']), /immutable/);
    assert.ok(answer.rawPayload.equals(body));
    const again = await get(`/runs/${runId}/${path}`, { 'if-none-match': `"other", W/${tag}` });
    assert.deepEqual([again.statusCode, again.body], [304, '']);
  }
  const unknown = await get(`/runs/${randomUUID()}/inside`);
  assert.match(Problem.parse(unknown.json()).detail ?? '', /unknown run id/);
  const job = await claimedJob(db);
  const without = await get(`/runs/${job.runId}/inside`);
  assert.deepEqual([without.statusCode, Problem.parse(without.json()).detail?.includes('no look inside')], [404, true]);
});

test('an inspection is accepted, followed and read', async () => {
  const refused = await app.inject(post(`/api/v1/runs/${runId}/inspect`, {}));
  assert.deepEqual([refused.statusCode, refused.json().detail.includes('no worker is alive')], [409, true]);
  const facts = { host: 'h', pid: 1, version: '1', slots: 1, device: null, leaseSeconds: 1_000 };
  await registerWorker(db, { ...facts, name: 'h/1' });
  const asked = await app.inject(post(`/api/v1/runs/${runId}/inspect`, { images: [1] }));
  assert.equal(asked.statusCode, 202);
  const { id } = InspectionView.parse(asked.json());
  assert.equal(asked.headers.location, `/api/v1/inspections/${id}`);
  assert.equal((await get(`/inspections/${id}/result`)).statusCode, 409);
  const claimed = (await claimInspection(db, { waited: 0 })) ?? assert.fail();
  await finishInspection(db, claimed, { sha256: 'c'.repeat(64), data: Buffer.from('result') });
  const { state, images } = InspectionView.parse((await get(`/inspections/${id}`)).json());
  assert.deepEqual([state, images], ['done', [1]]);
  const result = await get(`/inspections/${id}/result`);
  assert.deepEqual([result.statusCode, result.body], [200, 'result']);
  const known = { 'if-none-match': String(result.headers.etag) };
  assert.equal((await get(`/inspections/${id}/result`, known)).statusCode, 304);
  assert.equal((await get(`/inspections/${randomUUID()}`)).statusCode, 404);
});

test('bad input is refused, and names its fault', async () => {
  for (const [images, pointer, detail] of [
    [[0, 0], '/images', /twice/],
    [[-1], '/images/0', />=0/],
    [[], '/images', />=1/],
    [[7], '/images', /images 0 to 1, not 7/],
  ] as const) {
    const answer = await app.inject(post(`/api/v1/runs/${runId}/inspect`, { images }));
    assert.ok([400, 422].includes(answer.statusCode), answer.body);
    const [fault] = Problem.parse(answer.json()).errors ?? [];
    assert.equal(fault?.pointer, pointer);
    assert.match(fault?.detail ?? '', detail);
  }
  const huge = Buffer.from(png);
  huge.writeUInt32BE(60_000, 16);
  for (const [payload, type, status, detail] of [
    [Buffer.from('GIF89a'), 'image/png', 400, /not a JPEG, PNG/],
    [Buffer.from('BM'.padEnd(60, '\0')), 'image/png', 400, /BMP/],
    [huge, 'image/png', 400, /60000 × 32 pixels|header/],
    [Buffer.alloc(0), 'image/png', 400, /empty/],
    [png, 'image/gif', 415, /image\/png or image\/jpeg/],
    [Buffer.from('{}'), 'application/json', 415, /image\/png or image\/jpeg/],
    [Buffer.alloc(5 * 2 ** 20), 'image/jpeg', 413, /./],
  ] as const) {
    const answer = await picture(payload, type);
    assert.equal(answer.statusCode, status, answer.body);
    assert.match(Problem.parse(answer.json()).detail ?? '', detail);
  }
  const sent = await picture(png);
  assert.equal(sent.statusCode, 202, sent.body);
  assert.equal(InspectionView.parse((await picture(png)).json()).id, sent.json().id);
});
