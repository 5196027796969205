/** `prisma migrate deploy` without the native engine: the same folder, the same `_prisma_migrations` table. */
import pg from 'pg';
import { z } from 'zod';
import { type Queryable, queryRows } from '../rows.ts';
import { NO_FILTERS, withSchemaEngine } from './engine.ts';
import { migrationNames, readMigrations } from './folder.ts';

/** Advisory lock: one process migrates, the others wait. */
const MIGRATION_LOCK = 4_711_001;

/**
 * Applies the pending migrations to the database at `url` and returns their names.
 * Throws if a migration fails, or failed earlier: see `_prisma_migrations` and `npx prisma migrate resolve`.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if ((await pendingMigrations(client)).length === 0) return [];
    const migrationsList = await readMigrations();
    const { appliedMigrationNames } = await withSchemaEngine(url, (engine) =>
      engine.applyMigrations({ migrationsList, filters: NO_FILTERS }),
    );
    return appliedMigrationNames;
  } finally {
    await client.end();
  }
}

/** Names of the migrations in `prisma/migrations` that the database has not finished, oldest first. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const names = await migrationNames();
  const [table] = await queryRows(
    db,
    z.object({ found: z.boolean() }),
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  );
  if (!table?.found) return names;
  const applied = await queryRows(
    db,
    z.object({ name: z.string() }),
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const done = new Set(applied.map(({ name }) => name));
  return names.filter((name) => !done.has(name));
}
