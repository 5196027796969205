/** The worker process: claims attempts from the queue, trains them in processes of their own, and leads when nobody else does. */
import { hostname } from 'node:os';
import { openAttempts, openDatabase } from '@ablate/db';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { startConsumer } from './consumer.ts';
import { readWorkerEnv } from './env.ts';
import { startLeader } from './leader.ts';
import { openRunQueue } from './run-queue.ts';
import { trainRun } from './train-run.ts';
import { createTrainerPool } from './trainer-pool.ts';

/** Longer than this and the process ends as it stands: leases expire, nothing is lost. */
const LONGEST_CLOSE_MS = 19_000;
/** How long the writes of an attempt wait for a database that is away. */
const PATIENCE_SECONDS = 300;

const env = readWorkerEnv(process.env);
const log = pino({ level: env.logLevel, base: { worker: process.pid } });
const db = openDatabase({
  url: env.databaseUrl,
  max: 4 + 2 * env.slots,
  onError: (error) => log.warn({ err: error }, 'a database connection broke'),
});
const attempts = openAttempts(db);
const queue = openRunQueue(env.redisUrl, log);
const trainerEnv = { ...process.env, ABLATE_THREADS: String(env.threads) };
const trainers = createTrainerPool({
  env: trainerEnv,
  log,
  entry: env.trainer,
  idle: env.slots,
  limit: env.trainerBytes,
});
if (env.trainer !== undefined) log.warn({ trainer: env.trainer }, 'what trains here is not Ablate’s trainer');
const draining = new AbortController();

const working: { close(): Promise<void> }[] = [];

const { close } = closeWithGrace({ delay: LONGEST_CLOSE_MS, logger: false }, async ({ err, signal }) => {
  if (err) log.fatal({ err }, 'ending because of an error that nobody handled');
  else log.info({ signal }, 'ending: running attempts go back to the queue');
  draining.abort();
  await Promise.all(working.map((part) => part.close()));
  await Promise.all([trainers.close(), queue.close()]);
  await db.close();
});
// A supervisor that dies takes its workers with it.
process.on('disconnect', close);

// A worker that cannot train must not take runs: better no worker than one through which every run fails.
await trainers.warm().catch((error: unknown) => {
  log.fatal({ err: error }, 'no trainer can be started here');
  process.exit(1);
});

if (!draining.signal.aborted)
  working.push(
    startLeader({ db, queue, log, ...env }),
    startConsumer({
      url: env.redisUrl,
      slots: env.slots,
      log,
      process: (job) =>
        trainRun(job, {
          db,
          attempts,
          trainers,
          log,
          worker: `${hostname()}/${process.pid}`,
          patienceSeconds: PATIENCE_SECONDS,
          draining: draining.signal,
          ...env,
        }),
    }),
  );
log.info({ slots: env.slots, checkpoints: env.checkpoints }, 'worker ready');
