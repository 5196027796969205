/** Migrates the database and makes the read-only role: what `npm start` does on the way, as a process of its own for deployments. */
import { ensureReader, migrate } from '@ablate/db';
import { readMigrateEnv } from './env.ts';

const { databaseUrl, reader } = readMigrateEnv(process.env);
const applied = await migrate(databaseUrl);
console.log(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'every migration is applied');
if (reader) await ensureReader(databaseUrl, reader);
