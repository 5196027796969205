import assert from 'node:assert/strict';
import { request } from 'node:http';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueryView, SqlAnswer } from '@ablate/contracts';
import { newSweep } from '../db/small-sweep.ts';
import { post, runningApp } from './running-app.ts';

const { app, db, user } = await runningApp({ sql: true });
await newSweep(db, { name: 'asked', configs: 2, seeds: 3 });
const ask = (body: object, accept?: string) =>
  app.inject({ ...post('/api/v1/sql', body), headers: accept === undefined ? {} : { accept } });

test('SQL is answered as JSON with types and limits, as CSV or as Parquet', async () => {
  const sql = 'select depth, count(*) as runs, :note::text as note from runs group by depth order by depth';
  const body = { sql, parameters: { note: 'a,b' } };
  const json = await ask(body);
  assert.equal(json.statusCode, 200);
  const answer = SqlAnswer.parse(json.json());
  assert.deepEqual(answer.columns, [
    { name: 'depth', type: 'int4' },
    { name: 'runs', type: 'int8' },
    { name: 'note', type: 'text' },
  ]);
  assert.deepEqual(
    [answer.rows, answer.truncated],
    [
      [
        [1, 3, 'a,b'],
        [2, 3, 'a,b'],
      ],
      null,
    ],
  );
  assert.deepEqual(answer.limits, { rows: 10_000, bytes: 10_000_000, seconds: 30 });
  const csv = await ask({ ...body, rows: 1 }, 'text/csv');
  assert.match(String(csv.headers['content-type']), /^text\/csv/);
  assert.deepEqual([csv.body, csv.headers['ablate-truncated']], ['depth,runs,note\n1,3,"a,b"', 'rows']);
  const parquet = await ask(body, 'application/vnd.apache.parquet');
  assert.equal(parquet.rawPayload.subarray(0, 4).toString(), 'PAR1');
});

test('a statement that is not allowed or fails is 422 with its position; an unknown field or both sources are, too', async () => {
  for (const [sql, detail] of [
    ['drop table run', /DROP is not allowed\n {2}drop table run\n {2}\^/],
    ['select * from public.run', /public\.run cannot be read/],
    ['select no_such from runs', /column "no_such" does not exist\n/],
    ['select 1 / 0', /division by zero/],
  ] as const) {
    const reply = await ask({ sql });
    assert.deepEqual([reply.statusCode, reply.json().type], [422, 'urn:ablate:invalid_sql'], reply.body);
    assert.match(reply.json().detail, detail);
  }
  for (const body of [{}, { sql: 'select 1', query: 'verdicts' }, { sql: 'select 1', rows: 1e6 }])
    assert.equal((await ask(body)).statusCode, 422, JSON.stringify(body));
  assert.deepEqual((await ask({ sql: 'select count(*)::int from runs' })).json().rows, [[6]]);
});

test('saved queries: listed, replaced, run and deleted; built-in ones stay', async () => {
  const mine = { name: 'mine', title: 'Mine', sql: 'select count(*)::int as n from runs where depth = :depth' };
  const saved = QueryView.parse((await app.inject(post('/api/v1/queries', mine))).json());
  assert.deepEqual([saved.parameters, saved.builtIn], [['depth'], false]);
  await app.inject(post('/api/v1/queries', { ...mine, description: 'Counts runs' }));
  const { items } = (await app.inject('/api/v1/queries')).json();
  const names = items.map(({ name }: QueryView) => name);
  assert.ok(names.includes('verdicts') && names.filter((name: string) => name === 'mine').length === 1, names.join());
  assert.deepEqual((await ask({ query: 'mine', parameters: { depth: 1 } })).json().rows, [[3]]);
  assert.equal((await ask({ query: 'mine' })).statusCode, 422);
  assert.equal((await ask({ query: 'none' })).statusCode, 404);

  const bad = await app.inject(post('/api/v1/queries', { ...mine, sql: 'delete from runs' }));
  assert.equal(bad.json().type, 'urn:ablate:invalid_sql');
  const taken = await app.inject(post('/api/v1/queries', { ...mine, name: 'verdicts' }));
  assert.deepEqual([taken.statusCode, taken.json().detail.startsWith('"verdicts" is a built-in query')], [409, true]);
  const remove = (name: string) => app.inject({ method: 'DELETE', url: `/api/v1/queries/${name}` });
  assert.deepEqual(
    await Promise.all(['verdicts', 'mine'].map(async (name) => (await remove(name)).statusCode)),
    [409, 204],
  );
  assert.equal((await remove('mine')).statusCode, 404);
});

test('a statement ends when its client leaves', async () => {
  const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const working = async () =>
    (await db.pool.query(`SELECT FROM pg_stat_activity WHERE usename = $1 AND state = 'active'`, [user])).rowCount ?? 0;
  const leaving = request({
    ...{ host: address.hostname, port: address.port, path: '/api/v1/sql', method: 'POST' },
    headers: { 'content-type': 'application/json' },
  });
  leaving.on('error', () => undefined); // the socket is destroyed below
  leaving.end(JSON.stringify({ sql: 'select count(*) from generate_series(1, 1e12)' }));
  for (let tries = 0; (await working()) === 0; tries++) {
    assert.ok(tries < 500, 'the statement has not begun');
    await sleep(20);
  }
  leaving.destroy();
  for (let tries = 0; (await working()) > 0; tries++) {
    assert.ok(tries < 500, 'the statement still runs');
    await sleep(20);
  }
});
