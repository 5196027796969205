/** The worker process: claims attempts from the queue, trains them in trainer processes, and leads if no other worker does. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { collectGarbage, openCheckpointStore } from '@ablate/checkpoints';
import { queuePrefix } from '@ablate/contracts';
import { installationId, openAttempts, openDatabase } from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { sendBeats } from '@ablate/supervisor/beat';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { z } from 'zod';
import { removeOldScratch } from './attempt-folder.ts';
import { startConsumer } from './consumer.ts';
import { LONGEST_CLOSE_MS, readWorkerEnv } from './env.ts';
import { keepHeartbeat } from './heartbeat.ts';
import { startInspector } from './inspector.ts';
import { startLeader } from './leader.ts';
import { missingDataset } from './missing-dataset.ts';
import { watchForPreemption } from './preemption.ts';
import { repeat, retry } from './repeat.ts';
import { openRunLogs } from './run-logs.ts';
import { openRunQueue } from './run-queue.ts';
import { chooseSlots } from './slots.ts';
import { trainRun } from './train-run.ts';
import { createTrainerPool, listGpus } from './trainer-pool.ts';

/** How long the writes of an attempt are retried while the database is unreachable. */
const PATIENCE_SECONDS = 300;
const ORPHAN_SECONDS = 86_400;
const Manifest = z.looseObject({ version: z.string() });
const SCRATCH_SECONDS = 3_600;

const wanted = readWorkerEnv(process.env);
const gpus = wanted.usesGpus ? await listGpus(process.env) : [];
const env = {
  ...wanted,
  ...chooseSlots(
    { ...wanted, trainerBytes: wanted.memoryBytes ?? wanted.trainerBytes },
    {
      cores: availableParallelism(),
      // A container's limit; it is larger than the machine where there is none.
      memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
      gpus: gpus.length,
    },
  ),
};
const log = pino({ level: env.logLevel, base: { worker: process.pid } });
const db = openDatabase({
  url: env.databaseUrl,
  max: 4 + 2 * env.slots,
  onError: (error) => log.warn({ err: error }, 'database connection lost'),
});
const attempts = openAttempts(db);
const logs = openRunLogs(db, log);
const store = await openCheckpointStore(env.store, db);
const trainerEnv = { ...process.env, ABLATE_THREADS: String(env.threads) };
const trainers = createTrainerPool({
  env: trainerEnv,
  log,
  entry: env.trainer,
  idle: env.slots,
  limit: env.trainerBytes,
  gpus,
  memory: env.memoryBytes,
});
if (env.trainer !== undefined) log.warn({ trainer: env.trainer }, 'using a custom trainer');
const draining = new AbortController();
process.once('disconnect', () => draining.abort());
/** The database may still be starting: until it answers, the worker does not know its queue. */
const installation = await retry(() => installationId(db), { patienceMs: Infinity, signal: draining.signal, log });
const prefix = queuePrefix(installation);
const queue = openRunQueue({ url: env.redisUrl, prefix }, log);
const name = `${hostname()}/${process.pid}`;

const working: { close(): Promise<void> }[] = [];

const { close } = closeWithGrace({ delay: LONGEST_CLOSE_MS, logger: false }, async ({ err, signal }) => {
  if (err) log.fatal({ err }, 'shutting down after an unhandled error');
  else log.info({ signal }, 'shutting down: running attempts go back to the queue');
  draining.abort();
  await Promise.all(working.map((part) => part.close()));
  await logs.close();
  await Promise.all([trainers.close(), queue.close()]);
  await store.close();
  await db.close();
});
// The worker exits with its supervisor.
process.on('disconnect', close);
sendBeats();
if (env.preemption !== undefined)
  working.push(
    watchForPreemption(env.preemption, { everySeconds: env.preemptionSeconds, log, onNotice: () => void close() }),
  );

// A worker that cannot store checkpoints or train must not take runs: each of them would fail.
await store.check().catch((error: unknown) => {
  log.fatal({ err: error }, 'cannot write to the checkpoint store');
  process.exit(1);
});
const ready = await trainers.warm().catch((error: unknown) => {
  log.fatal({ err: error }, 'cannot start a trainer');
  process.exit(1);
});

/** Version and commit of the code, such as `0.1.0 0123abc`. */
async function versionOf(commit = 'unknown'): Promise<string> {
  const { version } = Manifest.parse(JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')));
  return `${version} ${commit.replace(/^([0-9a-f]{12})[0-9a-f]*/, '$1')}`;
}

/** Files without a row are kept for a day: their row may still be written. */
const collect = async (): Promise<void> => {
  const { files, bytes, missing } = await collectGarbage(db, store, {
    keep: env.keep,
    graceSeconds: ORPHAN_SECONDS,
    dryRun: false,
    signal: draining.signal,
  });
  if (files > 0) log.info({ files, bytes }, 'removed expired checkpoints');
  if (missing.length > 0) log.warn({ missing }, 'checkpoints are missing in their store');
};

if (!draining.signal.aborted) {
  working.push(
    keepHeartbeat(
      db,
      {
        ...{ name, host: hostname(), pid: process.pid, slots: env.slots, leaseSeconds: env.leaseSeconds },
        ...{ version: await versionOf(ready.code), device: ready.device ?? null },
      },
      {
        ...{ installation, beatSeconds: env.beatSeconds, log },
        onMove: () => {
          log.fatal('the database was replaced: restart, to use its queue');
          close();
        },
      },
    ),
    startLeader({ db, queue, log, collect, ...env }),
  );
  const consumer = startConsumer({
    url: env.redisUrl,
    prefix,
    slots: env.slots,
    leaseSeconds: env.leaseSeconds,
    log,
    process: (job, report) => {
      const keep = logs.open(job);
      const line = (text: string) => {
        report.line(text);
        keep(text);
      };
      return trainRun(job, {
        report: { ...report, line },
        db,
        attempts,
        trainers,
        log,
        worker: name,
        // A custom trainer may have other data.
        missing:
          env.trainer === undefined ? (run) => missingDataset(db, run, { folders: env.dataFolders }) : async () => null,
        code: env.trainer === undefined ? ready.code : undefined,
        data: { folders: env.dataFolders, cache: env.cache },
        declineSeconds: 3 * env.reconcileSeconds,
        patienceSeconds: PATIENCE_SECONDS,
        draining: draining.signal,
        ...env,
        store,
      });
    },
  });
  working.push(
    consumer,
    startInspector({
      ...{ db, store, log, scratch: env.scratch, env: trainerEnv, memory: env.memoryBytes },
      isBusy: () => consumer.active() >= env.slots,
      draining: draining.signal,
    }),
  );
}
if (!draining.signal.aborted && store.folder === null)
  working.push(repeat('scratch', SCRATCH_SECONDS, () => removeOldScratch(db, env.scratch), log));
log.info({ slots: env.slots, threads: env.threads, checkpoints: store.address }, 'worker ready');
