/** Reads the schema and the migrations in `prisma/`. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MigrationList, SchemasContainer } from '@prisma/schema-engine-wasm';

const PRISMA_FOLDER = fileURLToPath(new URL('../../../../prisma/', import.meta.url));
export const MIGRATIONS_FOLDER = `${PRISMA_FOLDER}migrations`;

/** Names of the migrations, oldest first: a name starts with its timestamp. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS_FOLDER, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** `schema.prisma` in the format of the schema engine. */
export async function readSchema(): Promise<SchemasContainer> {
  const path = `${PRISMA_FOLDER}schema.prisma`;
  return { files: [{ path, content: await readFile(path, 'utf8') }] };
}

/** Every migration with its SQL, in the format of the schema engine. */
export async function readMigrations(): Promise<MigrationList> {
  const names = await migrationNames();
  const lock = 'migration_lock.toml';
  return {
    baseDir: MIGRATIONS_FOLDER,
    lockfile: { path: lock, content: await readFile(`${MIGRATIONS_FOLDER}/${lock}`, 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(`${MIGRATIONS_FOLDER}/${name}/migration.sql`, 'utf8') },
        },
      })),
    ),
  };
}
