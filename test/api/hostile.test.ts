/** No input makes the API answer 500, stop answering, or forget a limit. Against the real process, over HTTP. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import fc from 'fast-check';
import { testDatabase } from '../support/postgres.ts';
import { testRedis } from '../support/redis.ts';

const SEED = 27;
const PROBE_MS = 500;
const HEALTHY_MS = 1_000;

const [{ url: DATABASE_URL }, { url: REDIS_URL }] = await Promise.all([testDatabase({ after }), testRedis({ after })]);
const home = temporaryFolder();
const server = fork(join(REPOSITORY, 'apps/api/src/server.ts'), {
  execArgv: ['--import', import.meta.resolve('tsx')],
  env: { PATH: process.env.PATH, DATABASE_URL, REDIS_URL, ABLATE_PORT: '0', ABLATE_HOME: home.path },
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
after(() => {
  server.kill('SIGKILL');
  home.remove();
});
/** Lines that the server logs as an error. */
const errors: string[] = [];
const address = await new Promise<URL>((resolve) => {
  assert.ok(server.stdout);
  createInterface({ input: server.stdout }).on('line', (line) => {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found) resolve(new URL(found[0]));
    if (/"level":(50|60)/.test(line)) errors.push(line);
  });
});

type Sent = { method?: string; path: string; headers?: Record<string, string>; body?: string };
type Answer = { status: number; body: string };

/** Sends a request as it is: `fetch` would refuse or repair what is tested here. An endless response is cut off. */
const send = ({ method = 'GET', path, headers = {}, body }: Sent, signal?: AbortSignal): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const json =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(
      {
        host: address.hostname,
        port: address.port,
        agent: false,
        method,
        path,
        headers: { ...json, ...headers },
        signal,
      },
      (response: IncomingMessage) => {
        const status = response.statusCode ?? 0;
        if (response.headers['content-type'] === 'text/event-stream') {
          response.destroy();
          resolve({ status, body: '' });
          return;
        }
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.on('end', () => resolve({ status, body: text })).on('error', reject);
      },
    );
    sent.on('error', reject).end(body);
  });

const submit = (body: string, { dryRun = true, key = '' } = {}, signal?: AbortSignal): Promise<Answer> =>
  send(
    {
      ...{ method: 'POST', path: `/api/v1/sweeps?dryRun=${dryRun}`, body },
      headers: key === '' ? {} : { 'idempotency-key': key },
    },
    signal,
  );

/** Does `work` while /health is asked twice a second. */
async function whileHealthy<T>(work: () => Promise<T>): Promise<T> {
  let longest = 0;
  let done = false;
  const probing = (async () => {
    while (!done) {
      const since = performance.now();
      assert.equal((await send({ path: '/health' })).status, 200);
      longest = Math.max(longest, performance.now() - since);
      await sleep(PROBE_MS);
    }
  })();
  try {
    return await work();
  } finally {
    done = true;
    await probing;
    assert.ok(longest < HEALTHY_MS, `/health took ${Math.round(longest)} ms`);
  }
}

/** The same object written in many ways: any subset of its fields, in any order. */
function ways(fields: Record<string, unknown>, most: number): unknown[] {
  const orders = (left: string[], chosen: string[]): string[][] =>
    [
      chosen,
      ...left.flatMap((key) =>
        orders(
          left.filter((other) => other !== key),
          [...chosen, key],
        ),
      ),
    ].slice(0, most);
  return orders(Object.keys(fields), [])
    .filter((keys) => keys.length > 0)
    .map((keys) => Object.fromEntries(keys.map((key) => [key, fields[key]])));
}
const base = { version: 1, name: 'hostile', seeds: [1] };
const numbers = (count: number, of: (index: number) => unknown = (index) => index + 1) =>
  Array.from({ length: count }, (_, index) => of(index));
const many = (count: number, value: unknown, name = (index: number) => `model.x${index}`) =>
  Object.fromEntries(numbers(count, (index) => index).map((index) => [name(Number(index)), value]));
const grid = { 'model.depth': numbers(100), 'train.epochs': numbers(100) };

/** Specs that took seconds or minutes, or that take the most under the limits, with the pointer of the refusal; null if accepted. */
const HEAVY: [string, unknown, string | null][] = [
  [
    'equal configs, written in many ways',
    {
      ...{ ...base, search: { method: 'random', samples: 2 } },
      space: {
        'train.optimizer': ways(
          { name: 'adamw', learningRate: 0.001, weightDecay: 0.05, beta1: 0.9, beta2: 0.999 },
          60,
        ),
        'model.dropout': ways({ position: 0, attention: 0, projection: 0, mlp: 0, path: 0 }, 60),
        dataset: ways({ name: 'cifar10', validation: 0.1, splitSeed: 0 }, 1000),
        augment: ['none', []],
      },
    },
    null,
  ],
  ['1,000 axes', { ...base, space: many(1000, [1]) }, '/space'],
  ['64 axes that do not exist', { ...base, space: many(64, [1]) }, '/space/model.x0'],
  [
    'a long list of classes in many configs',
    {
      ...base,
      dataset: { name: 'mine', imageSize: 32, classes: numbers(50_000, String) },
      model: { family: 'vit', patchSize: 8, width: 16, heads: 2 },
      space: { 'model.depth': numbers(100), 'train.optimizer.learningRate': numbers(3, (i) => (Number(i) + 1) / 1e6) },
    },
    '/dataset',
  ],
  ['10,000 configs', { ...base, space: grid }, null],
  ['many unknown keys', { ...base, model: many(40_000, 1), space: grid }, '/model'],
  [
    'many unknown keys in an axis',
    { ...base, space: { ...grid, model: [many(30_000, 1, (i) => `x${i}`)] } },
    '/space/model/0',
  ],
  ['many unknown keys of the spec', { ...base, ...many(60_000, 1, (i) => `k${i}`) }, '/k0'],
  ['many wrong seeds', { ...base, seeds: numbers(200_000, () => 'x') }, '/seeds'],
  [
    'random draws on 64 axes',
    { ...base, search: { method: 'random', samples: 1000 }, space: many(64, { min: 0, max: 1 }) },
    '/space/model.x0',
  ],
  ['50 large subspaces', { ...base, space: numbers(50, () => many(64, [1, 2])) }, '/space'],
];

test('specs that are heavy to expand are read aside: /health answers in under a second, also for several at once', async () => {
  await submit(JSON.stringify(base)); // the threads start
  const answers = await whileHealthy(() => Promise.all(HEAVY.map(([, spec]) => submit(JSON.stringify(spec)))));
  for (const [index, { status, body }] of answers.entries()) {
    const [name, , pointer] = HEAVY[index] ?? [];
    assert.equal(status, pointer === null ? 200 : 422, `${name}: ${body.slice(0, 500)}`);
    if (pointer === null) continue;
    const pointers = Problem.parse(JSON.parse(body)).errors?.map((error) => error.pointer);
    assert.ok(pointers?.includes(String(pointer)), `${name}: ${pointers}`);
    assert.ok(body.length < 50_000, `${name}: the answer has ${body.length} characters`);
  }
});

test('a large sweep is written while /health answers, and its clients may leave', async () => {
  const left = new AbortController();
  const leaving = numbers(3, () => submit(JSON.stringify({ ...base, space: grid }), {}, left.signal));
  await sleep(300);
  left.abort();
  for (const each of await Promise.allSettled(leaving as Promise<Answer>[])) assert.equal(each.status, 'rejected');
  const { status, body } = await whileHealthy(() =>
    submit(JSON.stringify({ ...base, space: grid }), { dryRun: false, key: 'large' }),
  );
  assert.equal(status, 202, body);
});

/** Each row: bytes of a spec, the status, and a pointer that the answer names. */
const REFUSED: [string, string, number, string?][] = [
  ['a key twice', '{"version":1,"name":"x","seeds":[1],"seeds":[2]}', 422, '/seeds'],
  ['a key twice below', '{"version":1,"name":"x","train":{"epochs":1,"epochs":2}}', 422, '/train/epochs'],
  [
    'a key twice in a value of an axis',
    '{"version":1,"name":"x","space":{"model":[{"a":1,"a":1}]}}',
    422,
    '/space/model/0/a',
  ],
  ['a key twice, once escaped', '{"version":1,"name":"x","na\\u006de":"y"}', 422, '/name'],
  ['NUL in the name', '{"version":1,"name":"a\\u0000"}', 422, '/name'],
  ['half a character in the name', '{"version":1,"name":"\\ud800"}', 422, '/name'],
  ['NUL in a class', '{"version":1,"name":"x","dataset":{"classes":["a","\\u0000"]}}', 422, '/dataset/classes/1'],
  ['NUL in a key of the model', '{"version":1,"name":"x","model":{"\\u0000":1}}', 422, '/model/\0'],
  ['1e400', '{"version":1,"name":"x","train":{"clipNorm":1e400}}', 422, '/train/clipNorm'],
  ['5,000 levels', `{"version":1,"name":"x","model":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`, 422, '/model'],
  ['400,000 levels', `{"version":1,"name":"x","model":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, 422, '/model'],
  ['a data set called constructor', '{"version":1,"name":"x","dataset":{"name":"constructor","samples":9}}', 422],
  ['__proto__', '{"version":1,"name":"x","model":{"__proto__":{"family":"vit"}}}', 400],
  ['escaped __proto__', '{"version":1,"name":"x","\\u005f_proto__":{}}', 400],
  ['half of the JSON', '{"version":1,', 400],
  ['nothing', '', 400],
  ['a string', '"x"', 422],
  ['more than a megabyte', `{"name":"${'x'.repeat(1_000_001)}"}`, 413],
];
for (const [name, body, status, pointer] of REFUSED)
  test(`${name} is refused, with and without a key, dry or not`, async () => {
    for (const options of [{}, { dryRun: false }, { dryRun: false, key: 'hostile' }]) {
      const answer = await submit(body, options);
      assert.equal(answer.status, status, answer.body);
      const { errors = [] } = Problem.parse(JSON.parse(answer.body));
      if (pointer)
        assert.ok(
          errors.some((error) => error.pointer === pointer),
          answer.body,
        );
    }
  });

const cursor = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');
const ID = '00000000-0000-4000-8000-000000000000';
const CURSORS: [string, unknown][] = [
  [`/sweeps/${ID}/runs`, 2 ** 31],
  [`/sweeps/${ID}/runs`, -1],
  [`/runs/${ID}/metrics`, ['loss', 2 ** 31]],
  [`/runs/${ID}/metrics`, ['\0', 1]],
  [`/runs/${ID}/metrics`, ['\ud800', 1]],
  ['/events', 1e300],
  ['/events', -5],
  ['/sweeps', ['0000-01-01T00:00:00Z', ID]],
  ['/sweeps', ['2026-01-01T00:00:00Z', '\0']],
];
test('a cursor that no page has is a 400 that names it', async () => {
  for (const [path, key] of CURSORS) {
    const { status, body } = await send({ path: `/api/v1${path}?cursor=${cursor(key)}` });
    assert.equal(status, 400, `${path} ${JSON.stringify(key)}: ${body}`);
    assert.equal(Problem.parse(JSON.parse(body)).errors?.[0]?.pointer, '/query/cursor');
  }
});

test('odd addresses, parameters and headers are a 4xx', async () => {
  const odd: Sent[] = [
    { path: `/api/v1/runs/${ID}/metrics?name=%00` },
    { path: '/api/v1/sweeps/%00' },
    { path: '/api/v1/sweeps/%zz' },
    { path: `/api/v1/sweeps/${'x'.repeat(5000)}` },
    { path: '/api/v1/owners/a%00', method: 'PUT', body: '{}' },
    { path: '/api/v1/owners/a', method: 'PUT', body: '{"weight":1,"weight":2}' },
    { path: '/api/v1/owners/a', method: 'PUT', body: `{"weight":1${' '.repeat(200_000)}}` },
    { path: '/api/v1/owners/a', method: 'PUT', body: '{"weight":1}', headers: { 'content-type': 'text/plain' } },
    { path: '/api/v1/checkpoints/gc?graceSeconds=1e400', method: 'POST' },
    { path: '/api/v1/events/stream', headers: { 'last-event-id': '1e400' } },
    { path: '/queues', headers: { host: 'attacker.example' } },
    { path: '/queues/api/queues', headers: { host: 'attacker.example' } },
    { path: '/docs', headers: { host: '[' } },
    { path: `/health?x=${'x'.repeat(50_000)}` },
    { path: '/api/v1/sweeps', headers: { origin: 'https://attacker.example' } },
  ];
  for (const sent of odd) {
    const { status, body } = await send(sent);
    assert.ok(status >= 400 && status < 500, `${JSON.stringify(sent).slice(0, 200)}: ${status} ${body}`);
    assert.equal(Problem.parse(JSON.parse(body)).status, status);
  }
  assert.deepEqual(errors, []);
});

const junk = fc.oneof(
  fc.constantFrom(
    '',
    '%00',
    '%',
    '..%2f..',
    '%F0%9F%91',
    '-1',
    '1e400',
    '9999999999',
    'NaN',
    'null',
    '[]',
    '%ED%A0%80',
  ),
  fc.string({ maxLength: 20 }).map(encodeURIComponent),
);
const jsonText = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('{"a":1,"a":1}', '{"__proto__":1}', '[1e400]', '"\\ud800"', '\uFEFF{}', '{', 'nul'),
);
const VALID = {
  ...{ ...base, dataset: { name: 'cifar10', samples: 500 }, model: { family: 'vit', depth: 2 } },
  ...{ train: { epochs: 1, batchSize: 16, optimizer: { name: 'sgd', learningRate: 0.1 } }, augment: ['basic'] },
  ...{ search: { method: 'grid' }, space: [{ 'model.depth': [1, 2] }, { 'model.heads': [1, 3] }] },
  ...{ baseline: { 'model.depth': 2 }, owner: 'a', priority: 1, limits: { running: 2 }, budget: { deviceHours: 1 } },
};
const odds = fc.oneof(
  fc.constantFrom<unknown>('', '\0', 0, -1, 2 ** 31, 2 ** 53, 1e300, [], {}, null, true, 'constructor', [[]], 1e-320),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A valid spec with one value, at any depth, replaced, removed or put beside another. */
const mutated = fc.tuple(fc.array(fc.nat(9), { maxLength: 5 }), odds, fc.nat(2)).map(([way, value, kind]) => {
  const spec: unknown = structuredClone(VALID);
  let parent: Record<string, unknown> = Object(spec);
  for (const step of way) {
    const keys = Object.keys(parent);
    const key = keys[step % Math.max(1, keys.length)] ?? 'x';
    const inner = parent[key];
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0) parent = Object(inner);
  }
  const keys = Object.keys(parent);
  const key = keys[(way[0] ?? 0) % Math.max(1, keys.length)] ?? 'x';
  if (kind === 0) parent[key] = value;
  else if (kind === 1) delete parent[key];
  else parent[typeof value === 'string' ? value : 'extra'] = value;
  return JSON.stringify(spec);
});

test('random requests at every route get no 5xx, while /health answers in under a second', async () => {
  const { paths } = JSON.parse((await send({ path: '/docs/json' })).body);
  type Parameter = { name: string; in: string };
  const operations = Object.entries<Record<string, { parameters?: Parameter[] }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({
      path,
      method: method.toUpperCase(),
      parameters,
    })),
  );
  assert.ok(operations.length > 20);
  const sweep = JSON.parse((await submit(JSON.stringify(VALID), { dryRun: false })).body);
  const [run] = JSON.parse((await send({ path: `/api/v1/sweeps/${sweep.id}/runs?limit=1` })).body).items;
  const ids = fc.oneof(fc.constantFrom(sweep.id, run.id, ID), fc.uuid(), junk);

  const requests = fc.constantFrom(...operations).chain(({ path, method, parameters }) => {
    const names = (place: string) => parameters.filter((each) => each.in === place).map(({ name }) => name);
    const query = fc.dictionary(fc.constantFrom(...names('query'), 'other'), fc.oneof(junk, ids), { maxKeys: 3 });
    const headers = fc.dictionary(
      fc.constantFrom(...names('header'), 'if-none-match', 'accept', 'content-type'),
      fc.oneof(fc.stringMatching(/^[\x21-\x7e]{1,20}$/), fc.constantFrom('application/json', '-1', '1e400')),
      { maxKeys: 2 },
    );
    return fc.record({
      method: fc.constant(method),
      path: fc.tuple(ids, query).map(
        ([id, asked]) =>
          `${path.replace(/\{\w+\}/, id)}?${Object.entries(asked)
            .map((pair) => pair.join('='))
            .join('&')}`,
      ),
      headers: fc.oneof(fc.constant({}), headers),
      body: method === 'GET' ? fc.constant(undefined) : fc.oneof(jsonText, mutated, fc.constant(undefined)),
    });
  });
  const specs = mutated.chain((body) =>
    fc
      .constantFrom('true', 'false')
      .map((dryRun): Sent => ({ method: 'POST', path: `/api/v1/sweeps?dryRun=${dryRun}`, body })),
  );
  await whileHealthy(() =>
    fc.assert(
      fc.asyncProperty(fc.oneof<fc.Arbitrary<Sent>[]>(requests, specs), async (sent) => {
        const { status, body } = await send(sent);
        assert.ok(status < 500, `${status} ${body}`);
        if (status >= 400) Problem.parse(JSON.parse(body));
      }),
      { seed: SEED, numRuns: 400 },
    ),
  );
  assert.deepEqual(errors, []);
});
