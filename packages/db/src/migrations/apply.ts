/** `prisma migrate deploy` without the native engine: the same folder, the same `_prisma_migrations` table. */
import pg from 'pg';
import { NO_FILTERS, withSchemaEngine } from './engine.ts';
import { migrationNames, readMigrations } from './folder.ts';

/** Advisory lock under which one process migrates while the others wait. */
const MIGRATION_LOCK = 4_711_001;

/**
 * Apply the migrations that the database at `url` does not have yet; the names of those applied, none the second time.
 * Throws when a migration fails or an earlier one did: see `_prisma_migrations`, and `npx prisma migrate resolve`.
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
export async function pendingMigrations(db: pg.Client | pg.Pool): Promise<string[]> {
  const names = await migrationNames();
  const { rows } = await db.query<{ found: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`);
  if (!rows[0]?.found) return names;
  const applied = await db.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const done = new Set(applied.rows.map((row) => row.migration_name));
  return names.filter((name) => !done.has(name));
}
