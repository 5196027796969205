/** Drafts a migration: the SQL from the migrations to `schema.prisma`. Review it, and add changed views by hand. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from './apply.ts';
import { schemaDifference } from './diff.ts';
import { MIGRATIONS_FOLDER } from './folder.ts';

/**
 * Drafts the migration `name` in a scratch database of the server at `url`, whose user must be allowed to create databases.
 * Returns the path of the new file, or null if schema and migrations match.
 */
export async function draftMigration(url: string, name: string, now = new Date()): Promise<string | null> {
  const sql = await withScratchDatabase(url, async (scratch) => {
    await migrate(scratch);
    return schemaDifference(scratch);
  });
  if (sql === '') return null;
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = `${MIGRATIONS_FOLDER}/${stamp}_${name}`;
  await mkdir(folder);
  await writeFile(`${folder}/migration.sql`, `${sql}\n`);
  return `${folder}/migration.sql`;
}

async function withScratchDatabase<T>(url: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const database = `ablate_draft_${randomBytes(6).toString('hex')}`;
  const scratch = new URL(url);
  scratch.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${database}`);
    try {
      return await work(scratch.href);
    } finally {
      await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}
