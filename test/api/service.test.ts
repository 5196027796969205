import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Problem } from '@ablate/contracts';
import { claimRun, DEFAULT_RETENTION, dispatch, endAttempt, openDatabase } from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { buildApp } from '../../apps/api/src/app.ts';
import { post, runningApp } from './running-app.ts';

const { app, db, redis, queue, checkpoints, store } = await runningApp();

const Operation = z.looseObject({
  operationId: z.string(),
  requestBody: z
    .looseObject({
      content: z.record(z.string(), z.looseObject({ schema: z.looseObject({ example: z.unknown().optional() }) })),
    })
    .optional(),
  responses: z.record(
    z.string(),
    z.looseObject({
      links: z.record(z.string(), z.looseObject({ operationId: z.string() })).default({}),
      content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).optional(),
    }),
  ),
});
const OpenApi = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), Operation)) });

/** Every schema of parameters, bodies and responses in the document. */
function schemasOf(part: unknown): unknown[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => (key === 'schema' ? [value] : schemasOf(value)));
}

test('the OpenAPI document is valid OpenAPI 3.1 and lists every route', async () => {
  const answer = (await app.inject('/docs/json')).json();
  const document = OpenApi.parse(answer);
  const schema = JSON.parse(readFileSync(join(REPOSITORY, 'test/fixtures/api/openapi-3.1.schema.json'), 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  assert.ok(ajv.validate(schema, answer), ajv.errorsText());
  for (const described of schemasOf(answer)) ajv.compile(Object(described));
  assert.match(document.openapi, /^3\.1\./);
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  assert.deepEqual(listed.sort(), [
    'delete /api/v1/checkpoints/{id}/pin',
    'delete /api/v1/queries/{name}',
    'get /api/v1/checkpoints/{id}',
    'get /api/v1/compare',
    'get /api/v1/confusion',
    'get /api/v1/confusion/images',
    'get /api/v1/events',
    'get /api/v1/events/stream',
    'get /api/v1/fleet',
    'get /api/v1/ids/{text}',
    'get /api/v1/inspections/{id}',
    'get /api/v1/inspections/{id}/result',
    'get /api/v1/owners',
    'get /api/v1/queries',
    'get /api/v1/runs/{id}',
    'get /api/v1/runs/{id}/attempts',
    'get /api/v1/runs/{id}/checkpoints',
    'get /api/v1/runs/{id}/confusion',
    'get /api/v1/runs/{id}/images.png',
    'get /api/v1/runs/{id}/inside',
    'get /api/v1/runs/{id}/inside.png',
    'get /api/v1/runs/{id}/log',
    'get /api/v1/runs/{id}/metrics',
    'get /api/v1/runs/{id}/predictions',
    'get /api/v1/studies',
    'get /api/v1/studies/{name}/report',
    'get /api/v1/sweeps',
    'get /api/v1/sweeps/{id}',
    'get /api/v1/sweeps/{id}/answer',
    'get /api/v1/sweeps/{id}/augmentations',
    'get /api/v1/sweeps/{id}/augmentations.png',
    'get /api/v1/sweeps/{id}/curves',
    'get /api/v1/sweeps/{id}/decisions',
    'get /api/v1/sweeps/{id}/points',
    'get /api/v1/sweeps/{id}/runs',
    'get /api/v1/sweeps/{id}/trials/{trial}',
    'get /api/v1/workers',
    'get /health',
    'get /metrics',
    'get /ready',
    'patch /api/v1/sweeps/{id}',
    'post /api/v1/checkpoints/gc',
    'post /api/v1/queries',
    'post /api/v1/runs/{id}/cancel',
    'post /api/v1/runs/{id}/inspect',
    'post /api/v1/runs/{id}/inspect/picture',
    'post /api/v1/runs/{id}/pause',
    'post /api/v1/runs/{id}/resume',
    'post /api/v1/runs/{id}/retry',
    'post /api/v1/sql',
    'post /api/v1/studies/{name}/import',
    'post /api/v1/sweeps',
    'post /api/v1/sweeps/{id}/ask',
    'post /api/v1/sweeps/{id}/cancel',
    'post /api/v1/sweeps/{id}/pause',
    'post /api/v1/sweeps/{id}/resume',
    'post /api/v1/sweeps/{id}/retry',
    'post /api/v1/sweeps/{id}/tell',
    'put /api/v1/checkpoints/{id}/pin',
    'put /api/v1/owners/{name}',
  ]);
});

test('the example of the API page is accepted as it stands, and the page describes models, training and events', async () => {
  const answer = await app.inject('/docs/json');
  assert.doesNotMatch(answer.body, /9007199254740991|"items":\[|prefixItems/);
  const { paths } = OpenApi.parse(answer.json());
  const body = paths['/api/v1/sweeps']?.post?.requestBody?.content['application/json']?.schema;
  assert.ok(body?.example);
  const sent = await app.inject(post('/api/v1/sweeps?dryRun=true', Object(body.example)));
  assert.equal(sent.statusCode, 200, sent.body);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const isDescribed = ajv.compile(Object(body));
  assert.ok(isDescribed(body.example), ajv.errorsText(isDescribed.errors));
  for (const wrong of [{ model: { family: 'vit', patchsize: 4 } }, { train: { epoch: 1 } }, { dataset: { size: 1 } }])
    assert.equal(isDescribed({ version: 1, name: 'x', ...wrong }), false, JSON.stringify(wrong));
  const stream = paths['/api/v1/events/stream']?.get?.responses['200']?.content?.['text/event-stream']?.schema;
  assert.ok(ajv.validate(Object(stream), [{ id: '1', event: 'run', data: '{}' }]));
});

test('links lead from a response with an id to every operation that takes it', async () => {
  const { paths } = OpenApi.parse((await app.inject('/docs/json')).json());
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  const linked = operations
    .flatMap(({ responses }) => Object.values(responses))
    .flatMap(({ links }) => Object.values(links).map(({ operationId }) => operationId));
  const taking = Object.entries(paths)
    .filter(([path]) => path.includes('{id}'))
    .flatMap(([, methods]) => Object.values(methods).map(({ operationId }) => operationId));
  assert.ok(taking.length > 10);
  assert.deepEqual([...new Set(linked)].sort(), taking.sort());
});

test('the HTML pages answer', async () => {
  assert.match((await app.inject('/docs')).body, /swagger/i);
  const root = await app.inject('/');
  assert.match(root.body, /<title>Ablate<\/title>/);
  assert.match(String(root.headers['content-security-policy']), /script-src 'self';.*'nonce-/);
  assert.match((await app.inject('/queues')).body, /<title>Ablate<\/title>/);
  const { queues } = (await app.inject('/queues/api/queues')).json();
  assert.deepEqual([queues[0].name, queues[0].readOnlyMode], ['runs', true]);
});

test('the metrics have the number of runs in each state', async () => {
  await app.inject(post('/api/v1/sweeps', { version: 1, name: 'x', seeds: [1, 2, 3] }));
  const [job] = (await dispatch(db, { window: 1, room: 1 })).jobs;
  assert.ok(job);
  await claimRun(db, { ...job, worker: 'w' });
  await endAttempt(db, { ...job, cause: 'diverged', message: '' });
  const answer = await app.inject('/metrics');
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  for (const line of [
    'ablate_runs{state="queued"} 2',
    'ablate_runs{state="failed"} 1',
    'ablate_runs{state="succeeded"} 0',
    'ablate_attempts_ended{cause="diverged"} 1',
    'ablate_dispatched 0',
    'ablate_oldest_heartbeat_seconds 0',
  ])
    assert.ok(answer.body.split('\n').includes(line), `${line}\n${answer.body}`);
  assert.ok(answer.body.endsWith('\n'));
});

test('the metrics have request durations by route and status class, and process metrics', async () => {
  await app.inject(`/api/v1/runs/${randomUUID()}`);
  await app.inject('/nowhere');
  const { body } = await app.inject('/metrics');
  for (const [labels, count] of [
    ['method="GET",route="/api/v1/runs/:id",status="4xx"', 1],
    ['method="GET",route="unknown",status="4xx"', 1],
    ['method="POST",route="/api/v1/sweeps",status="2xx"', 2],
  ])
    assert.ok(body.includes(`ablate_http_request_duration_seconds_count{${labels}} ${count}\n`), body);
  assert.match(body, /^process_resident_memory_bytes \d+/m);
});

test('the queue page is read-only', async () => {
  const answer = await app.inject({ method: 'PUT', url: '/queues/api/queues/runs/pause' });
  assert.equal(answer.statusCode, 405);
});

test('ready if PostgreSQL and Redis answer and every migration is applied; if not, the response names the fault', async () => {
  assert.equal((await app.inject('/health')).statusCode, 200);
  assert.equal((await app.inject('/ready')).statusCode, 200);

  await db.pool.query(`UPDATE _prisma_migrations SET rolled_back_at = now()`);
  const behind = await app.inject('/ready');
  assert.deepEqual([behind.statusCode, behind.headers['retry-after']], [503, '5']);
  assert.match(String(Problem.parse(behind.json()).detail), /pending migrations: \d+_init/);
  await db.pool.query(`UPDATE _prisma_migrations SET rolled_back_at = NULL`);

  redis.disconnect();
  const alone = await app.inject('/ready');
  assert.equal(alone.statusCode, 503);
  assert.match(String(Problem.parse(alone.json()).detail), /Redis/);
  assert.equal((await app.inject('/api/v1/sweeps')).statusCode, 200);
});

test('an unavailable database is a 503 that exposes no internal error', async (t) => {
  const unavailable = openDatabase({ url: 'postgres://user:secret@127.0.0.1:1/none' });
  t.after(() => unavailable.close());
  const data = { folders: [], cache: checkpoints };
  const other = await buildApp({ db: unavailable, redis, queue, store, keep: DEFAULT_RETENTION, data });
  for (const url of ['/api/v1/sweeps', `/api/v1/runs/${randomUUID()}/cancel`]) {
    const answer = await other.inject({ method: url.endsWith('cancel') ? 'POST' : 'GET', url });
    assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [503, '5'], answer.body);
    assert.doesNotMatch(JSON.stringify(Problem.parse(answer.json())), /127\.0\.0\.1|secret|prisma/i);
  }
});
