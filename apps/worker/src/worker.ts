/** The worker process: claims attempts from the queue, trains them in processes of their own, and leads when nobody else does. */
import { hostname } from 'node:os';
import { collectGarbage, openCheckpointStore } from '@ablate/checkpoints';
import { openAttempts, openDatabase } from '@ablate/db';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { startConsumer } from './consumer.ts';
import { LONGEST_CLOSE_MS, readWorkerEnv } from './env.ts';
import { listGpus } from './gpus.ts';
import { startLeader } from './leader.ts';
import { watchForPreemption } from './preemption.ts';
import { repeat } from './repeat.ts';
import { openRunQueue } from './run-queue.ts';
import { removeOldScratch } from './scratch.ts';
import { trainRun } from './train-run.ts';
import { createTrainerPool } from './trainer-pool.ts';

/** How long the writes of an attempt wait for a database that is away. */
const PATIENCE_SECONDS = 300;
const ORPHAN_SECONDS = 86_400;
const SCRATCH_SECONDS = 3_600;

const env = readWorkerEnv(process.env);
const log = pino({ level: env.logLevel, base: { worker: process.pid } });
const db = openDatabase({
  url: env.databaseUrl,
  max: 4 + 2 * env.slots,
  onError: (error) => log.warn({ err: error }, 'a database connection broke'),
});
const attempts = openAttempts(db);
const queue = openRunQueue(env.redisUrl, log);
const store = await openCheckpointStore(env.store, db);
const trainerEnv = { ...process.env, ABLATE_THREADS: String(env.threads) };
const trainers = createTrainerPool({
  env: trainerEnv,
  log,
  entry: env.trainer,
  idle: env.slots,
  limit: env.trainerBytes,
  gpus: await listGpus(process.env),
  memory: env.memoryBytes,
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
  await store.close();
  await db.close();
});
// A supervisor that dies takes its workers with it.
process.on('disconnect', close);
if (env.preemption !== undefined)
  working.push(
    watchForPreemption(env.preemption, { everySeconds: env.preemptionSeconds, log, onNotice: () => void close() }),
  );

// A worker that cannot keep what it trains, or cannot train, must not take runs: better no worker than one through which every run fails.
await store.check().catch((error: unknown) => {
  log.fatal({ err: error }, 'checkpoints cannot be kept');
  process.exit(1);
});
await trainers.warm().catch((error: unknown) => {
  log.fatal({ err: error }, 'no trainer can be started here');
  process.exit(1);
});

/** Files without a row are left alone for a day: whoever wrote them may yet write it. */
const collect = async (): Promise<void> => {
  const { files, bytes, missing } = await collectGarbage(db, store, {
    keep: env.keep,
    graceSeconds: ORPHAN_SECONDS,
    dryRun: false,
    signal: draining.signal,
  });
  if (files > 0) log.info({ files, bytes }, 'removed checkpoints that are not wanted any more');
  if (missing.length > 0) log.warn({ missing }, 'checkpoints are gone from their store');
};

if (!draining.signal.aborted)
  working.push(
    startLeader({ db, queue, log, collect, ...env }),
    startConsumer({
      url: env.redisUrl,
      slots: env.slots,
      leaseSeconds: env.leaseSeconds,
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
          store,
        }),
    }),
  );
if (!draining.signal.aborted && store.folder === null)
  working.push(repeat('scratch', SCRATCH_SECONDS, () => removeOldScratch(db, env.scratch), log));
log.info({ slots: env.slots, checkpoints: store.address }, 'worker ready');
