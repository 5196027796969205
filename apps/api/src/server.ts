/** The API's process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckpointStore } from '@ablate/checkpoints';
import { queuePrefix, RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { installationId, openDatabase } from '@ablate/db';
import { sendBeats } from '@ablate/supervisor/beat';
import { Queue } from 'bullmq';
import closeWithGrace from 'close-with-grace';
import { Redis } from 'ioredis';
import pino from 'pino';
import { buildApp } from './app.ts';
import { startCaretaker } from './caretaker.ts';
import { readApiEnv } from './env.ts';
import { isLoopback } from './origin.ts';

const env = readApiEnv(process.env);
const log = pino({ level: env.logLevel });

const db = openDatabase({ url: env.databaseUrl, onError: (error) => log.warn({ err: error }, 'database') });
// Fail fast: /ready and /queues report an unavailable Redis, and no request waits for it.
const redis = new Redis(env.redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 5_000 });
redis.on('error', (error) => log.debug({ err: error }, 'redis'));
const closing = new AbortController();
const RETRY_MS = 1_000;

/** The queue of this installation; its name is in the database, which may still be starting. */
async function openQueue(): Promise<Queue<RunJob> | undefined> {
  while (!closing.signal.aborted)
    try {
      const prefix = queuePrefix(await installationId(db));
      const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis, prefix, skipWaitingForReady: true });
      queue.on('error', (error) => log.debug({ err: error }, 'queue'));
      return queue;
    } catch (error) {
      log.debug({ err: error }, 'queue');
      await sleep(RETRY_MS);
    }
  return undefined;
}
const queue = openQueue();

const store = await openCheckpointStore(env.store, db);
const { keep, data, allowedHosts } = env;
const app = await buildApp({ db, redis, queue, store, keep, data, allowedHosts, log });
const caretaker = startCaretaker(db, log);

const ending = closeWithGrace({ delay: 10_000, logger: log }, async ({ err }) => {
  if (err) log.fatal({ err }, 'the API stops after an error');
  closing.abort();
  await caretaker.close();
  await app.close();
  await (await queue)?.close();
  redis.disconnect();
  await store.close();
  await db.close();
});
// The channel closes when the supervisor dies.
process.on('disconnect', () => ending.close());
sendBeats();

await app.listen({ host: env.host, port: env.port });
if (!isLoopback(env.host))
  log.warn(`listening on ${env.host}: the API has no authentication, so any host that can reach it can use it`);
