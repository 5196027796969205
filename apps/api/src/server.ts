/** The API's process. */
import { openCheckpointStore } from '@ablate/checkpoints';
import { RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { openDatabase } from '@ablate/db';
import { Queue } from 'bullmq';
import closeWithGrace from 'close-with-grace';
import { Redis } from 'ioredis';
import pino from 'pino';
import { buildApp } from './app.ts';
import { readApiEnv } from './env.ts';
import { isLoopback } from './origin.ts';

const env = readApiEnv(process.env);
const log = pino({ level: env.logLevel });
const loopbackOnly = isLoopback(env.host);

const db = openDatabase({ url: env.databaseUrl, onError: (error) => log.warn({ err: error }, 'database') });
// Fail fast: /ready and /queues report an unavailable Redis, and no request waits for it.
const redis = new Redis(env.redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 5_000 });
redis.on('error', (error) => log.debug({ err: error }, 'redis'));
const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis, skipWaitingForReady: true });
queue.on('error', (error) => log.debug({ err: error }, 'queue'));

const store = await openCheckpointStore(env.store, db);
const app = await buildApp({ db, redis, queue, store, keep: env.keep, data: env.data, loopbackOnly, log });

const ending = closeWithGrace({ delay: 10_000, logger: log }, async ({ err }) => {
  if (err) log.fatal({ err }, 'the API stops after an error');
  await app.close();
  await queue.close();
  redis.disconnect();
  await store.close();
  await db.close();
});
// The channel closes when the supervisor dies.
process.on('disconnect', () => ending.close());

await app.listen({ host: env.host, port: env.port });
if (!loopbackOnly)
  log.warn(`listening on ${env.host}: the API has no authentication, so any host that can reach it can use it`);
