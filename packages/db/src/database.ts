import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';

/** Prisma for simple reads, the pool for hand-written SQL. The caller of `openDatabase` closes it. */
export type Database = { prisma: PrismaClient; pool: pg.Pool; close(): Promise<void> };

/**
 * Opens the database at `url` with at most `max` connections. The first statement connects.
 * `onError` receives errors of idle connections; the next statement opens a new one.
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
    // A statement without an answer fails, and its connection is closed.
    query_timeout: 60_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'ablate',
  });
  pool.on('error', onError);
  // The pool handles errors of idle connections only: an error between two statements of a transaction would end the
  // process. The next statement fails with the same error.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await pool.end();
  };
  return { prisma, pool, close };
}
