import assert from 'node:assert/strict';
import test from 'node:test';
import { BigInteger, openDatabase, queryRows } from '@ablate/db';
import { z } from 'zod';
import { testDatabase } from '../support/postgres.ts';

test('rows are parsed with their schema, and a row that does not match it is an error', async (t) => {
  const { url } = await testDatabase(t, { migrated: false });
  const db = openDatabase({ url });
  t.after(() => db.close());
  const Row = z.object({ count: BigInteger, name: z.string() });
  assert.deepEqual(await queryRows(db.pool, Row, `SELECT $1::bigint AS count, 'a' AS name, 1 AS more`, [5e9]), [
    { count: 5e9, name: 'a' },
  ]);
  await assert.rejects(
    queryRows(db.pool, Row, 'SELECT 1::bigint AS count, NULL AS name'),
    /unexpected row from the database: .*name/s,
  );
});
