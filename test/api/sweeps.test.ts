import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import test from 'node:test';
import {
  CheckpointView,
  OwnerView,
  Plan,
  Problem,
  page,
  RunView,
  SweepDetail,
  SweepItem,
  SweepView,
} from '@ablate/contracts';
import { claimRun, DEFAULT_RETENTION, dispatch, endAttempt, recordMetrics } from '@ablate/db';
import { buildApp } from '../../apps/api/src/app.ts';
import { countRows, post, runningApp } from './running-app.ts';

const { app, db, redis, queue, store, checkpoints } = await runningApp();
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const spec = (depths: number[]) => ({ version: 1, name: 'two', seeds: [1, 2], space: { 'model.depth': depths } });

async function submit(depths: number[]): Promise<SweepView> {
  const answer = await app.inject(post('/api/v1/sweeps', spec(depths)));
  assert.equal(answer.statusCode, 202, answer.body);
  return SweepView.parse(answer.json());
}
const get = async (url: string) => (await app.inject(url)).json();

test('the Location of a submitted sweep leads to its runs', async () => {
  const answer = await app.inject(post('/api/v1/sweeps', spec([1, 2])));
  const sweep = SweepView.parse(answer.json());
  assert.deepEqual([answer.statusCode, sweep.state, sweep.counts.queued], [202, 'queued', 4]);
  const detail = SweepDetail.parse(await get(String(answer.headers.location)));
  assert.deepEqual([detail.id, Object(detail.spec).space], [sweep.id, { 'model.depth': [1, 2] }]);
  const runs = page(RunView).parse(await get(`${answer.headers.location}/runs`));
  assert.deepEqual([runs.items.length, runs.nextCursor], [4, null]);
  const [first] = runs.items;
  assert.deepEqual(RunView.parse(await get(`/api/v1/runs/${first?.id}`)), first);
});

test('a dry run returns the plan and writes nothing', async () => {
  const before = await countRows(db);
  const depths = Array.from({ length: 25 }, (_, i) => i + 1);
  const answer = await app.inject(post('/api/v1/sweeps?dryRun=true', spec(depths)));
  const plan = Plan.parse(answer.json());
  assert.deepEqual([answer.statusCode, plan.configs, plan.runs, plan.points.length], [200, 25, 50, 20]);
  assert.deepEqual([plan.plan.runs, plan.plan.device, plan.plan.detectable?.source], [50, null, 'assumption']);
  assert.ok((plan.points[19]?.macs ?? 0) > (plan.points[0]?.macs ?? 0));
  assert.equal(await countRows(db), before);
});

test('lists are paginated', async () => {
  const made = [await submit([1]), await submit([1]), await submit([1])].map(({ id }) => id).reverse();
  const first = page(SweepItem).parse(await get('/api/v1/sweeps?limit=2'));
  const second = page(SweepItem).parse(await get(`/api/v1/sweeps?limit=2&cursor=${first.nextCursor}`));
  assert.deepEqual([...first.items, ...second.items].map(({ id }) => id).slice(0, 3), made);
});

test('metrics are paginated and filtered by name', async () => {
  const sweep = await submit([1]);
  const job = (await dispatch(db, { window: 1000, room: 1000 })).jobs.at(-1);
  assert.ok(job);
  await claimRun(db, { ...job, worker: 'w' });
  const rows = ['a', 'b'].flatMap((name) => [1, 2].map((step) => ({ name, step, epoch: 0, value: Number.NaN })));
  await recordMetrics(db, { ...job, rows });
  const url = `/api/v1/runs/${job.runId}/metrics`;
  const first = await get(`${url}?limit=3`);
  assert.deepEqual(first.items[0], { name: 'a', step: 1, epoch: 0, value: null });
  assert.equal((await get(`${url}?limit=3&cursor=${first.nextCursor}`)).items.length, 1);
  assert.equal((await get(`${url}?name=b`)).items.length, 2);
  assert.deepEqual(page(CheckpointView).parse(await get(`/api/v1/runs/${job.runId}/checkpoints`)).items, []);
  await app.inject(post(`/api/v1/sweeps/${sweep.id}/cancel`));
});

test('a sweep and a run can be cancelled, and a run retried', async () => {
  const { id } = await submit([1, 2]);
  const [run] = (await get(`/api/v1/sweeps/${id}/runs`)).items;
  const cancelled = await app.inject(post(`/api/v1/runs/${run.id}/cancel`));
  assert.deepEqual([cancelled.statusCode, cancelled.json().state], [202, 'cancelled']);
  const retried = await app.inject(post(`/api/v1/runs/${run.id}/retry`));
  assert.deepEqual([retried.statusCode, retried.json().state], [202, 'queued']);
  const again = await app.inject(post(`/api/v1/runs/${run.id}/retry`));
  assert.deepEqual([again.statusCode, Problem.parse(again.json()).type], [409, 'urn:ablate:conflict']);
  const sweep = await app.inject(post(`/api/v1/sweeps/${id}/cancel`));
  assert.deepEqual([sweep.statusCode, sweep.json().state, sweep.json().counts.cancelled], [202, 'cancelled', 4]);
  assert.equal((await get(`/api/v1/sweeps/${id}/runs?state=queued`)).items.length, 0);
});

test('a hundred concurrent submissions with one key create one sweep, and all get the same response', async () => {
  const before = await countRows(db);
  const send = (body: object) =>
    app.inject({
      ...post('/api/v1/sweeps', body),
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k1' },
    });
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(spec([1, 2, 3]))));
  assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [202]);
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
  assert.equal(new Set(answers.map(({ headers }) => headers.location)).size, 1);
  const { id } = SweepView.parse(answers[0]?.json());
  assert.equal(await countRows(db), before + 1 + 3 + 6 + 6); // sweep, configs, runs, outbox

  await app.inject(post(`/api/v1/sweeps/${id}/cancel`));
  // With other key order and its defaults written out, it is the same spec.
  const again = await send({
    seeds: [1, 2],
    space: { 'model.depth': [1, 2, 3] },
    priority: 0,
    name: 'two',
    version: 1,
  });
  assert.deepEqual([again.statusCode, again.body], [202, answers[0]?.body]);

  // So it is with defaults of the model, of training and of the augmentation written out.
  const filled = await send({
    ...spec([1, 2, 3]),
    ...{ model: { family: 'vit', patchSize: 4 }, train: { epochs: 10, optimizer: { beta1: 0.9 } }, augment: [] },
  });
  assert.deepEqual([filled.statusCode, filled.body], [202, answers[0]?.body]);

  const other = await send(spec([1, 2]));
  const problem = Problem.parse(other.json());
  assert.deepEqual(
    [other.statusCode, problem.type, problem.errors?.[0]?.pointer],
    [422, 'urn:ablate:key_reused', '/headers/idempotency-key'],
  );
  const bad = await app.inject({ ...post('/api/v1/sweeps', spec([1])), headers: { 'idempotency-key': 'a b' } });
  assert.deepEqual([bad.statusCode, Problem.parse(bad.json()).errors?.[0]?.pointer], [400, '/headers/idempotency-key']);
});

test('a sweep and a run can be paused and resumed, and the limits of a sweep changed', async () => {
  const { id } = await submit([1, 2]);
  const [run] = (await get(`/api/v1/sweeps/${id}/runs`)).items;
  const stateAfter = async (url: string) => {
    const answer = await app.inject(post(url));
    return [answer.statusCode, answer.json().state, answer.json().paused];
  };
  assert.deepEqual(await stateAfter(`/api/v1/sweeps/${id}/pause`), [202, 'paused', undefined]);
  assert.deepEqual(await stateAfter(`/api/v1/sweeps/${id}/resume`), [202, 'queued', undefined]);
  assert.deepEqual(await stateAfter(`/api/v1/runs/${run.id}/pause`), [202, 'queued', true]);
  assert.deepEqual(await stateAfter(`/api/v1/runs/${run.id}/resume`), [202, 'queued', false]);
  const change = { priority: 7, limits: { running: 2 }, budget: { deviceHours: 1.5 } };
  const patch = (payload: object) => app.inject({ method: 'PATCH', url: `/api/v1/sweeps/${id}`, payload });
  const { priority, limits, budget } = SweepView.parse((await patch(change)).json());
  assert.deepEqual({ priority, limits, budget }, change);
  const lifted = SweepView.parse((await patch({ limits: { running: null } })).json());
  assert.deepEqual([lifted.priority, lifted.limits, lifted.budget], [7, { running: null }, { deviceHours: 1.5 }]);
  assert.equal((await patch({ priority: 101 })).statusCode, 422);
  await app.inject(post(`/api/v1/sweeps/${id}/cancel`));
  assert.deepEqual((await stateAfter(`/api/v1/sweeps/${id}/pause`))[0], 409);
});

test('owners are created by their sweeps or explicitly, and have a weight and a limit', async () => {
  await app.inject(post('/api/v1/sweeps', { ...spec([1]), owner: 'ann' }));
  const put = (name: string, payload: object) => app.inject({ method: 'PUT', url: `/api/v1/owners/${name}`, payload });
  assert.deepEqual(OwnerView.parse((await put('ann', { weight: 2.5, limits: { running: 4 } })).json()), {
    ...{ name: 'ann', weight: 2.5, limits: { running: 4 }, queued: 2, running: 0 },
  });
  assert.equal((await put('bob', {})).json().weight, 1);
  const { items } = page(OwnerView).parse(await get('/api/v1/owners'));
  assert.deepEqual(
    items.map(({ name }) => name),
    ['ann', 'bob', 'default'],
  );
  assert.equal((await put('bob', { weight: 0 })).statusCode, 422);
  assert.equal((await put('..', {})).statusCode, 404);
  assert.equal((await app.inject(post('/api/v1/sweeps', { ...spec([1]), owner: 'a b' }))).statusCode, 422);
});

test('a failed run shows its cause and its message', async () => {
  await submit([1]);
  const job = (await dispatch(db, { window: 1000, room: 1000 })).jobs.at(-1);
  assert.ok(job);
  await claimRun(db, { ...job, worker: 'w' });
  await endAttempt(db, { ...job, cause: 'out_of_memory', message: 'needs 5 GB' });
  const run = RunView.parse(await get(`/api/v1/runs/${job.runId}`));
  assert.deepEqual([run.state, run.cause, run.message], ['failed', 'out_of_memory', 'needs 5 GB']);
});

/** Each row: a request, its status, and the invalid field that the response names, if any. */
const REFUSED: [string, string, number, string?][] = [
  ['GET', `/api/v1/sweeps/${UNKNOWN}`, 404],
  ['GET', `/api/v1/sweeps/${UNKNOWN}/runs`, 404],
  ['POST', `/api/v1/sweeps/${UNKNOWN}/cancel`, 404],
  ['GET', `/api/v1/runs/${UNKNOWN}`, 404],
  ['GET', `/api/v1/runs/${UNKNOWN}/metrics`, 404],
  ['GET', `/api/v1/runs/${UNKNOWN}/checkpoints`, 404],
  ['POST', `/api/v1/runs/${UNKNOWN}/retry`, 404],
  ['GET', `/api/v1/checkpoints/${UNKNOWN}`, 404],
  ['GET', '/api/v1/runs/1', 400, '/params/id'],
  ['GET', '/api/v1/sweeps?limit=0', 400, '/query/limit'],
  ['GET', '/api/v1/sweeps?limit=1001', 400, '/query/limit'],
  ['GET', '/api/v1/sweeps?limit=many', 400, '/query/limit'],
  ['GET', '/api/v1/sweeps?cursor=nonsense', 400, '/query/cursor'],
  ['GET', '/api/v1/sweeps?page=2', 400, '/query/page'],
  ['GET', `/api/v1/sweeps/${UNKNOWN}/runs?state=lost`, 400, '/query/state'],
  ['GET', '/api/v2/sweeps', 404],
  ['PUT', '/api/v1/sweeps', 405],
  ['DELETE', `/api/v1/runs/${UNKNOWN}`, 405],
  ['POST', '/health', 405],
];
for (const [method, url, status, pointer] of REFUSED)
  test(`${method} ${url} is a problem of status ${status}`, async () => {
    const answer = await app.inject({ method: method as 'GET', url });
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    const problem = Problem.parse(answer.json());
    assert.deepEqual([answer.statusCode, problem.status, problem.instance], [status, status, url], answer.body);
    assert.match(problem.type, /^urn:ablate:[a-z_]+$/);
    assert.deepEqual(
      problem.errors?.map((error) => error.pointer),
      pointer === undefined ? undefined : [pointer],
    );
    if (status === 405) assert.match(String(answer.headers.allow), /GET/);
  });

test('a body that is too large or not JSON is a problem', async () => {
  for (const [type, payload, status] of [
    ['text/plain', '{}', 415],
    ['application/x-www-form-urlencoded', 'name=x', 415],
    ['application/json', JSON.stringify({ name: 'x'.repeat(1_000_000) }), 413],
  ] as const) {
    const answer = await app.inject({ ...post('/api/v1/sweeps', payload), headers: { 'content-type': type } });
    assert.deepEqual([answer.statusCode, Problem.parse(answer.json()).status], [status, status], answer.body);
  }
});

test('cross-origin requests, and requests to other host names, are refused', async () => {
  const url = `/api/v1/runs/${UNKNOWN}/cancel`;
  const status = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'POST') =>
    (await app.inject({ method, url: method === 'POST' ? url : '/api/v1/sweeps', headers })).statusCode;
  assert.equal(await status({ host: 'localhost:3000', origin: 'http://localhost:3000' }), 404);
  assert.equal(await status({ host: 'localhost:3000', origin: 'https://example.org' }), 403);
  assert.equal(await status({ host: 'localhost:3000', origin: 'null' }), 403);
  assert.equal(await status({ host: 'example.org' }, 'GET'), 403);
  for (const host of ['127.0.0.1:3000', '[::1]:3000', 'localhost', 'LOCALHOST.'])
    assert.equal(await status({ host }, 'GET'), 200);
  assert.equal(await status({ host: 'localhost:3000', origin: 'https://example.org' }, 'GET'), 403);
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((each) => each ?? []))
    assert.equal(await status({ host: `${family === 'IPv6' ? `[${address}]` : address}:3000` }, 'GET'), 200, address);
  for (const host of ['192.0.2.1:3000', 'localhost.example.org', '127.0.0.1.example.org', '0.0.0.0', 'ablate.example'])
    assert.equal(await status({ host }, 'GET'), 403, host);
  // Also where a plug-in answers.
  for (const url of ['/queues', '/queues/api/queues', '/docs', '/health', '/metrics', '/nowhere'])
    assert.equal((await app.inject({ url, headers: { host: 'example.org' } })).statusCode, 403, url);
});

test('a name in ABLATE_ALLOWED_HOSTS is accepted, and its pages may call through a proxy', async (t) => {
  const data = { folders: [], cache: checkpoints };
  const other = await buildApp({
    db,
    redis,
    queue,
    store,
    keep: DEFAULT_RETENTION,
    data,
    allowedHosts: ['Ablate.Example'],
  });
  t.after(() => other.close());
  const status = async (headers: Record<string, string>) =>
    (await other.inject({ url: '/api/v1/sweeps', headers })).statusCode;
  assert.equal(await status({ host: 'ablate.example' }), 200);
  assert.equal(await status({ host: 'localhost:3000', origin: 'https://ablate.example' }), 200);
  assert.equal(await status({ host: 'sub.ablate.example' }), 403);
  assert.equal(await status({ host: 'localhost:3000', origin: 'https://ablate.example.org' }), 403);
});
