import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openDatabase } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { newSweep } from '../db/small-sweep.ts';
import { readableDatabase } from '../support/reader.ts';
import { ablate, assertDone } from './command-line.ts';

test('SQL from the command line', async (t) => {
  const { url, readerUrl } = await readableDatabase({ after: (done) => t.after(done) });
  const owner = openDatabase({ url });
  await newSweep(owner, { name: 'asked', configs: 2, seeds: 2 });
  await owner.close();
  const env = { ABLATE_READER_URL: readerUrl };

  await t.test('a result is printed as a table, CSV or JSON', async () => {
    const statement = 'select depth, seed, state, val_accuracy from runs order by depth, seed';
    const table = await ablate(['sql', statement], { env });
    assertDone(table);
    assert.match(
      table.out,
      /^depth {2}seed {2}state {3}val_accuracy\n─+ .*\n {4}1 {5}1 {2}queued\n {4}1 {5}2 {2}queued\n/,
    );
    assert.match(table.out, /\(4 rows\)/);
    const records = await ablate(['sql', '-x', "select 1 as a, E'two\\nlines' as longer"], { env });
    assert.equal(records.out, '─── row 1 ───\na       1\nlonger  two⏎lines\n(1 row)\n');
    const csv = await ablate(['sql', '-', '--csv'], { env, input: statement });
    assert.equal(csv.out.split('\n')[4], '2,2,queued,');
    const json = await ablate(['sql', 'select axes, n, 1.5 as x, null as y, true as z from ablation', '--json'], {
      env,
    });
    assert.deepEqual(JSON.parse(json.out)[0], { axes: { 'model.depth': 1 }, n: 0, x: 1.5, y: null, z: true });
  });

  await t.test('--limit bounds the rows that are printed and computed', async () => {
    const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';
    const ended = await ablate(['sql', endless, '--limit', '3', '--csv'], { env });
    assertDone(ended);
    assert.equal(ended.out, 'i\n1\n2\n3\n');
    assert.match(ended.err, /truncated after 3 rows/);
    const exact = await ablate(['sql', 'select generate_series(1, 3)', '--limit', '3'], { env });
    assert.doesNotMatch(exact.err, /truncated/);
  });

  await t.test('an error shows its position in the statement', async () => {
    const ended = await ablate(['sql', 'select seed\nfrom runs wher state'], { env });
    assert.equal(ended.code, 1);
    assert.match(ended.err, /^syntax error at or near "state"\n {2}from runs wher state\n {17}\^$/m);
  });

  await t.test('writes and second statements are rejected', async () => {
    const write = await ablate(['sql', 'delete from public.run'], { env });
    assert.equal(write.code, 1);
    assert.match(write.err, /DELETE is not allowed.*SQL only reads/s);
    const second = await ablate(['sql', 'select 1; select 2'], { env });
    assert.equal(second.code, 1);
    assert.match(second.err, /one statement at a time/);
  });

  await t.test('a query of studies/queries runs by its name with its parameters', async () => {
    const first = await ablate(['sql', 'select sweep_id from runs limit 1', '--json'], { env });
    const id = JSON.parse(first.out)[0].sweep_id;
    const ended = await ablate(['sql', '--query', 'failures', '--param', `sweep_id=${id}`], { env });
    assertDone(ended);
    assert.match(ended.out, /^cause {2}attempts.*\n─.*\n\(0 rows\)/s);
    const missing = await ablate(['sql', '--query', 'failures'], { env });
    assert.match(missing.err, /parameter :sweep_id has no value/);
    const large = await ablate(['sql', '--query', 'none', '--limit', '10001'], { env });
    assert.match(large.err, /at most 10000/);
  });

  await t.test('the address is read from services.json; without one, the error names the remedy', async () => {
    const home = temporaryFolder();
    const none = await ablate(['sql', 'select 1'], { env: { ABLATE_HOME: home.path } });
    assert.equal(none.code, 3);
    assert.match(none.err, /npm start/);
    await writeFile(join(home.path, 'services.json'), JSON.stringify({ readerUrl }));
    assertDone(await ablate(['sql', 'select 1'], { env: { ABLATE_HOME: home.path } }));
    const wrong = await ablate(['sql', 'select 1'], { env: { ABLATE_READER_URL: 'postgresql://a:b@127.0.0.1:1/x' } });
    assert.equal(wrong.code, 3);
    assert.match(wrong.err, /no database responds/);
  });
});
