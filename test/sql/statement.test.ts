import assert from 'node:assert/strict';
import test from 'node:test';
import { builtInQueries, checkStatement, parseQueryFile } from '@ablate/sql';

const ALLOWED = [
  'select * from runs',
  'SELECT axes, n FROM reporting.ablation WHERE sweep = :name ORDER BY 2 DESC LIMIT 5;',
  'with best as (select run from runs order by test_accuracy desc limit 3) select * from best join curves using (run)',
  'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select * from n',
  'with pg_mine as (select 1) select * from pg_mine',
  'values (1), (2)',
  'table runs',
  'select 1 union (select 2 except select 3)',
  'select count(*) filter (where state = $$failed$$) over () from runs',
  'select * from generate_series(1, 3) as n(i), lateral (select i + 1) as m',
  `select ${Array.from({ length: 2000 }, () => `'0f8fad5b-d9cb-469f-a165-70867728950e'`).join(',')}`,
  `select ${'('.repeat(500)}1${')'.repeat(500)}`,
];

/** Statements that are not allowed, and what the error says. `│` stands before the character that it marks. */
const REFUSED: [statement: string, message: RegExp][] = [
  ['', /the statement is empty/],
  ['  -- nothing', /the statement is empty/],
  ['select 1; │select 2', /one statement at a time/],
  ['│insert into runs values (1)', /INSERT is not allowed.*hint: SQL only reads/s],
  ['│delete from runs', /DELETE is not allowed/],
  ['│set statement_timeout = 0', /SET is not allowed/],
  ['│begin', /BEGIN is not allowed/],
  ['│do $$ begin commit; end $$', /DO is not allowed/],
  ['│copy (select 1) to program $$true$$', /COPY is not allowed/],
  ['│explain analyze select 1', /EXPLAIN is not allowed/],
  ['│alter role ablate_reader password $$x$$', /ALTER is not allowed/],
  ['│call p()', /CALL is not allowed/],
  ['select 1 into mine', /SELECT INTO is not allowed/],
  ['with gone as (delete from runs returning *) select * from gone', /DELETE is not allowed/],
  ['select * from (with a as (update runs set seed = 1 returning 1) select * from a) b', /UPDATE is not allowed/],
  ['select * from runs for update', /FOR UPDATE/],
  ['select (select 1 from runs for share limit 1)', /FOR UPDATE and FOR SHARE/],
  ['select * from │public.run', /public\.run cannot be read.*hint: only the views/s],
  ['select * from │pg_authid', /pg_authid cannot be read/],
  ['select * from runs where seed in (select 1 from │information_schema.tables)', /cannot be read/],
  ['select │pg_sleep(10)', /pg_sleep\(\) is not allowed: it waits/],
  ['select 1 where exists (select │pg_catalog.set_config($$a$$, $$b$$, false))', /set_config\(\) is not allowed/],
  ['select * from │lo_create(0)', /lo_create\(\) is not allowed/],
  ['select │public.number_events(1)', /public\.number_events\(\) is not allowed/],
  ['select │$1', /hint: write a parameter as :name/],
  ['select :a, │$2', /\$1 is not allowed/],
  ['select seed\nfrom runs wher │state', /syntax error at or near "state"/],
  ["select 'Größe', 𝄞 frm │runs", /syntax error/],
  ["select 'ü', :longest, :b frm │runs wher x", /syntax error/],
  [`select ${'1+'.repeat(20_000)}1`, /at most 6000 are allowed/],
  [`select ${'('.repeat(5000)}1`, /at most|memory exhausted|nested|end of input/],
  [`select '${'x'.repeat(100_000)}'`, /at most 100000 are allowed/],
];

for (const statement of ALLOWED)
  test(`allowed: ${statement.slice(0, 70)}`, async () => {
    await checkStatement(statement);
  });

for (const [written, message] of REFUSED)
  test(`refused: ${written.slice(0, 70).replace('\n', ' ')}`, async () => {
    const position = written.indexOf('│');
    const statement = written.replace('│', '');
    await assert.rejects(checkStatement(statement), (error: Error) => {
      assert.match(error.message, message);
      if (position < 0) return true;
      const lines = error.message.split('\n');
      const mark = lines.findIndex((line) => /^ +\^$/.test(line));
      const before = statement.slice(0, position).split('\n').at(-1) ?? '';
      assert.equal(lines[mark]?.indexOf('^'), 2 + [...before].length, error.message);
      return true;
    });
  });

test('parameters are numbered in the order in which they appear; casts, strings and slices are none', async () => {
  const { text, names } = await checkStatement(
    `select ':no', x::text, :b::int, a[1 : n], "c:d" from runs where seed = :a and depth = :b -- :comment`,
  );
  assert.deepEqual(names, ['b', 'a']);
  assert.equal(
    text,
    `select ':no', x::text, $1::int, a[1 : n], "c:d" from runs where seed = $2 and depth = $1 -- :comment`,
  );
});

test('the queries of studies/queries have a title, a description and parameters', async () => {
  const queries = await builtInQueries();
  assert.ok(queries.length >= 5);
  for (const { name, title, description } of queries) assert.ok(title !== name && description.length > 20, name);
  assert.deepEqual(queries.find(({ name }) => name === 'verdicts')?.parameters, ['sweep_id', 'metric']);
  await assert.rejects(parseQueryFile('bad', '-- title: Bad\ndelete from runs'), /DELETE is not allowed/);
});
