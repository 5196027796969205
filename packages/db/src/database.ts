import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';

/** Prisma for reading rows, the pool for statements that must be one. Whoever opened it closes it. */
export type Database = { prisma: PrismaClient; pool: pg.Pool; close(): Promise<void> };

/**
 * Open the database at `url` with at most `max` connections. Nothing is connected before the first statement.
 * `onError` hears of connections that broke while idle; the next statement opens a new one.
 */
export function openDatabase({
  url,
  max = 10,
  onError = () => undefined,
}: {
  url: string;
  max?: number;
  onError?: (error: Error) => void;
}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 10_000,
    // A statement whose answer never comes ends with an error, and its connection with it.
    query_timeout: 60_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'ablate',
  });
  pool.on('error', onError);
  // The pool listens to a connection only while it is idle: one that breaks between two statements of a transaction would
  // end the process. Its next statement fails with the same error.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await pool.end();
  };
  return { prisma, pool, close };
}
