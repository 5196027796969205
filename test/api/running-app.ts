/** The API over a real database and a real Redis, answering through `inject`. */
import { after } from 'node:test';
import { type CheckpointStore, openCheckpointStore } from '@ablate/checkpoints';
import { RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { type Database, DEFAULT_RETENTION, openDatabase } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { Queue } from 'bullmq';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { Redis } from 'ioredis';
import { buildApp } from '../../apps/api/src/app.ts';
import { testDatabase } from '../support/postgres.ts';
import { readableDatabase } from '../support/reader.ts';
import { testRedis } from '../support/redis.ts';

export type RunningApp = {
  app: FastifyInstance;
  db: Database;
  redis: Redis;
  queue: Queue<RunJob>;
  checkpoints: string;
  /** Folders of data sets, and of their packed copies. */
  data: { folders: string[]; cache: string };
  store: CheckpointStore;
  /** The read-only role, if there is one. */
  user: string | undefined;
};

/** One app for a test file, closed after its tests; with `sql`, it has a read-only role. */
export async function runningApp({ sql = false } = {}): Promise<RunningApp> {
  const database = sql ? readableDatabase({ after }) : testDatabase({ after });
  const [opened, { url: redisUrl }] = await Promise.all([database, testRedis({ after })]);
  const { url, readerUrl, user }: { url: string; readerUrl?: string; user?: string } = opened;
  const db = openDatabase({ url });
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis, skipWaitingForReady: true });
  const folder = temporaryFolder();
  const store = await openCheckpointStore({ kind: 'file', folder: folder.path }, db);
  const data = { folders: [`${folder.path}/data`], cache: `${folder.path}/cache` };
  const app = await buildApp({ db, redis, queue, store, keep: DEFAULT_RETENTION, data, readerUrl });
  after(async () => {
    await app.close();
    await queue.close();
    redis.disconnect();
    await db.close();
    folder.remove();
  });
  return { app, db, redis, queue, checkpoints: folder.path, data, store, user };
}

/** The number of rows in every table that a submission writes. */
export async function countRows(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `SELECT ((SELECT count(*) FROM sweep) + (SELECT count(*) FROM config) + (SELECT count(*) FROM run)
       + (SELECT count(*) FROM outbox))::integer AS n`,
  );
  return rows[0]?.n ?? Number.NaN;
}

export const post = (url: string, payload?: InjectOptions['payload']): InjectOptions => ({
  method: 'POST',
  url,
  payload,
});
