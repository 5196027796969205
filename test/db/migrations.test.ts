import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { migrate, openDatabase, pendingMigrations, schemaDifference } from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { testDatabase } from '../support/postgres.ts';

const VIEWS = join(REPOSITORY, 'prisma', 'views');

test('the migrations lead to schema.prisma', async (t) => {
  const { url } = await testDatabase(t);
  assert.equal(await schemaDifference(url), '');
});

test('a missing column is detected', async (t) => {
  const { url } = await testDatabase(t);
  const db = openDatabase({ url });
  await db.pool.query('ALTER TABLE run DROP COLUMN losses CASCADE');
  await db.close();
  assert.match(await schemaDifference(url), /ALTER TABLE "run" ADD COLUMN\s+"losses"/);
});

test('the views of the migrations equal the files in prisma/views', async (t) => {
  const { url } = await testDatabase(t);
  const db = openDatabase({ url });
  t.after(() => db.close());
  const definitions = async () =>
    (
      await db.pool.query<{ name: string; definition: string; comments: string[] }>(
        `SELECT viewname AS name, definition, ARRAY(
           SELECT description FROM pg_description WHERE objoid = format('%I.%I', schemaname, viewname)::regclass ORDER BY objsubid
         ) AS comments
         FROM pg_views WHERE schemaname IN ('public', 'reporting') ORDER BY viewname`,
      )
    ).rows;
  const migrated = await definitions();
  const files = readdirSync(VIEWS).sort();
  assert.deepEqual(
    files,
    migrated.map(({ name }) => `${name}.sql`),
  );
  // A view of a view is expanded by name, so the order of the files does not matter.
  for (const file of files) await db.pool.query(readFileSync(join(VIEWS, file), 'utf8'));
  assert.deepEqual(await definitions(), migrated);
});

test('repeated and concurrent migrations apply each migration once', async (t) => {
  const { url } = await testDatabase(t, { migrated: false });
  const db = openDatabase({ url });
  t.after(() => db.close());
  const pending = await pendingMigrations(db.pool);
  assert.ok(pending.length > 0);
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  assert.deepEqual(applied.flat(), pending);
  assert.deepEqual(await migrate(url), []);
  assert.deepEqual(await pendingMigrations(db.pool), []);
});

test('applied migrations are recorded as Prisma does, so that `prisma migrate deploy` continues from there', async (t) => {
  const { url } = await testDatabase(t);
  const db = openDatabase({ url });
  t.after(() => db.close());
  const { rows } = await db.pool.query<{ migration_name: string; checksum: string; finished: boolean }>(
    'SELECT migration_name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations',
  );
  assert.ok(rows.length > 0);
  for (const { migration_name: name, checksum, finished } of rows) {
    const sql = readFileSync(join(REPOSITORY, 'prisma', 'migrations', name, 'migration.sql'));
    assert.deepEqual([finished, checksum], [true, createHash('sha256').update(sql).digest('hex')]);
  }
});
