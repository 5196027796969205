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
};

/** One app for a test file, closed after its tests. */
export async function runningApp(): Promise<RunningApp> {
  const [{ url }, { url: redisUrl }] = await Promise.all([testDatabase({ after }), testRedis({ after })]);
  const db = openDatabase({ url });
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis, skipWaitingForReady: true });
  const folder = temporaryFolder();
  const store = await openCheckpointStore({ kind: 'file', folder: folder.path }, db);
  const data = { folders: [`${folder.path}/data`], cache: `${folder.path}/cache` };
  const app = await buildApp({ db, redis, queue, store, keep: DEFAULT_RETENTION, data });
  after(async () => {
    await app.close();
    await queue.close();
    redis.disconnect();
    await db.close();
    folder.remove();
  });
  return { app, db, redis, queue, checkpoints: folder.path, data, store };
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
