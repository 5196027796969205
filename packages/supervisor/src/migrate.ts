/** Applies migrations and creates the read-only role: a step of `npm start`, as a process of its own for deployments. */
import { ensureReader, migrate } from '@ablate/db';
import { readMigrateEnv } from './env.ts';

const { databaseUrl, reader } = readMigrateEnv(process.env);
const applied = await migrate(databaseUrl);
console.log(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'all migrations are applied');
if (reader) await ensureReader(databaseUrl, reader);
