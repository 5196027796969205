import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HARDENING, openDatabase } from '@ablate/db';
import { runStatement, toCsv, toJsonRows, toParquet } from '@ablate/sql';
import { LIMITS } from '@ablate/sql/limits';
import { formatCsv } from '@ablate/tables';
import { parquetReadObjects } from 'hyparquet';
import pg from 'pg';
import { newSweep } from '../db/small-sweep.ts';
import { readableDatabase } from '../support/reader.ts';

const { url, readerUrl, user } = await readableDatabase({ after });
const owner = openDatabase({ url });
after(() => owner.close());
await newSweep(owner, { name: 'asked', configs: 2, seeds: 2 });

const forever = new AbortController().signal;
const run = (sql: string, options: Partial<Parameters<typeof runStatement>[2]> = {}) =>
  runStatement(readerUrl, sql, { signal: forever, ...options });

/** Statements of the role that the server works on. */
const working = async (): Promise<number> =>
  (await owner.pool.query(`SELECT FROM pg_stat_activity WHERE usename = $1 AND state <> 'idle'`, [user])).rowCount ?? 0;

async function untilIdle(): Promise<number> {
  const begun = performance.now();
  while ((await working()) > 0) await sleep(20);
  return performance.now() - begun;
}

const ENDLESS = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';
const BUSY = 'select count(*) from generate_series(1, 1e12)';

test('rows, types and parameters; NULL differs from an empty text', async () => {
  const answer = await run(
    `select depth, seed, state, val_accuracy, '' as empty, 9007199254740993 as large, 0.1::float8 as part, axes
     from runs where seed = :seed and sweep = :sweep order by depth`,
    { parameters: { seed: 2, sweep: 'asked' } },
  );
  assert.deepEqual(toJsonRows(answer), [
    [1, 2, 'queued', null, '', '9007199254740993', 0.1, { 'model.depth': 1 }],
    [2, 2, 'queued', null, '', '9007199254740993', 0.1, { 'model.depth': 2 }],
  ]);
  assert.match(toCsv(answer), /^depth,.*\n1,2,queued,,,9007199254740993,0\.1,"\{""model\.depth"": 1\}"/);
  const bytes = toParquet(answer);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const [first] = await parquetReadObjects({ file });
  assert.deepEqual(
    [first?.depth, first?.state, first?.val_accuracy, first?.large, first?.part],
    [1, 'queued', undefined, 9007199254740993n, 0.1].map((value) => value ?? null),
  );
  const hostile = await run('select count(*)::int from runs where sweep = :sweep', {
    parameters: { sweep: "x' or true; drop view runs --" },
  });
  assert.deepEqual(toJsonRows(hostile), [[0]]);
});

test('CSV quotes values with quotes, commas and line breaks', () => {
  const rows = [
    ['say "x"', null],
    ['two\nlines', 3],
  ];
  const csv = formatCsv(['a', 'b,c'], rows);
  assert.equal(csv, 'a,"b,c"\n"say ""x""",\n"two\nlines",3');
});

test('a parameter without a value, or a value without a parameter, is refused', async () => {
  await assert.rejects(run('select :a::int'), /parameter :a has no value/);
  await assert.rejects(run('select 1', { parameters: { b: 1 } }), /unknown parameter "b"/);
});

test('an error of PostgreSQL has the position in the statement as it was written', async () => {
  await assert.rejects(
    run("select 'ü', :long_name::text,\n  deepth from runs", { parameters: { long_name: 'x' } }),
    /column "deepth" does not exist\n {4}deepth from runs\n {4}\^\nhint: .*depth/,
  );
  await assert.rejects(run('select 1 / (seed - seed) from runs'), /division by zero/);
  await assert.rejects(run('select * from run'), /relation "run" does not exist/);
});

test('an endless result stops at the limit of rows, a wide one at the limit of bytes', async () => {
  const many = await run(ENDLESS);
  assert.deepEqual([many.rows.length, many.truncated], [LIMITS.rows, 'rows']);
  const wide = await run(`select repeat('x', 1000000) from generate_series(1, 1000000)`);
  assert.deepEqual([wide.rows.length, wide.truncated], [9, 'bytes']);
  const exact = await run('select generate_series(1, 3)', { limits: { ...LIMITS, rows: 3 } });
  assert.deepEqual([exact.rows.length, exact.truncated], [3, null]);
  await untilIdle();
});

test('one value of a gigabyte is refused, and this process does not hold it', async () => {
  const before = process.memoryUsage().rss;
  await assert.rejects(run(`select repeat('x', 500000000)`), /a row has more than 10 MB/);
  assert.ok(process.memoryUsage().rss - before < 200e6, `${process.memoryUsage().rss - before} bytes more`);
  await untilIdle();
});

test('a statement that takes too long is cancelled', async () => {
  const limits = { ...LIMITS, seconds: 0.3 };
  await assert.rejects(run(BUSY, { limits }), /took longer than 0\.3 s and was cancelled/);
  await untilIdle();
});

test('the server stops within a second after the caller leaves', async () => {
  const leaving = new AbortController();
  const asked = run(BUSY, { signal: leaving.signal });
  while ((await working()) === 0) await sleep(20);
  leaving.abort(new Error('left'));
  await assert.rejects(asked, /left/);
  const took = await untilIdle();
  assert.ok(took < 5_000, `${took} ms`); // a second; more on a busy machine
});

test('no statement changes what a later one may do', async () => {
  for (const sql of [
    `select set_config('statement_timeout', '0', false)`,
    `select "set_config"('work_mem', '8GB', false)`,
    'set statement_timeout = 0',
    `alter role ${user} set work_mem = '8GB'`,
    `alter role ${user} password 'mine'`,
    'do $$ begin commit; set statement_timeout = 0; end $$',
    'create temp table mine (i int)',
    'select * into mine from runs',
    `select pg_read_file('/etc/passwd')`,
    `select pg_terminate_backend(pg_backend_pid())`,
    'select pg_sleep(60)',
    'select lo_create(0)',
  ])
    await assert.rejects(run(sql), (error: Error) => error.name === 'SqlError', sql);
  const settings = await run(
    `select current_setting('statement_timeout'), current_setting('work_mem'), current_setting('transaction_read_only')`,
  );
  assert.deepEqual(settings.rows, [['30s', '16MB', 'on']]);
  assert.deepEqual(toJsonRows(await run('select count(*)::int from runs')), [[4]]);
});

test('more sessions than the role may have are refused with what to do', async () => {
  const leaving = new AbortController();
  const asked = Array.from({ length: 12 }, () => run(BUSY, { signal: leaving.signal }).catch((error: Error) => error));
  const [first] = await Promise.race([
    Promise.all(asked.map(async (one) => one)).then((all) => all),
    sleep(2_000, [null]),
  ]);
  assert.equal(first, null, 'all of them ended');
  leaving.abort(new Error('left'));
  const ends = (await Promise.all(asked)).map((end) => (end instanceof Error ? end.message : 'rows'));
  assert.ok(ends.includes('too many statements run at once: try again in a few seconds'), ends.join());
  assert.ok(ends.filter((end) => end === 'left').length >= 8 - 1);
  await untilIdle();
});

test('a role that may do more than read the views is refused; the statements of docs/sql.md harden it', async (t) => {
  await assert.rejects(runStatement(url, 'select 1', { signal: forever }), /superuser.*docs\/sql\.md/s);

  const weak = `weak_${randomBytes(6).toString('hex')}`;
  const database = `weak_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.query(`CREATE ROLE ${weak} LOGIN PASSWORD 'secret'`);
  t.after(async () => {
    await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await admin.query(`DROP ROLE ${weak}`);
    await admin.end();
  });
  const weakUrl = Object.assign(new URL(url), { username: weak, password: 'secret', pathname: `/${database}` }).href;
  await assert.rejects(
    runStatement(weakUrl, 'select 1', { signal: forever }),
    /may create objects; it calls .*a superuser must run the statements/,
  );
  const superuser = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: `/${database}` }).href });
  await superuser.connect();
  await superuser.query(HARDENING);
  await superuser.end();
  assert.deepEqual((await runStatement(weakUrl, 'select 1', { signal: forever })).rows, [['1']]);
});
