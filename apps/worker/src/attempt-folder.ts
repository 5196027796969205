/** The folder of an attempt's checkpoint files: the run's own in a file store, else a scratch folder `<run>-<attempt>`. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointStore, fetchCheckpoint } from '@ablate/checkpoints';
import { type CheckpointFile, jobId, type RunJob, type TrainCommand } from '@ablate/contracts';
import { type Database, runningAttempts } from '@ablate/db';
import { nullIfMissing } from '@ablate/files';
import { removeStrays } from '@ablate/training/checkpoint-files';
import type { Logger } from 'pino';
import { retry } from './repeat.ts';

/** Absolute path of the folder. `scratch` holds the scratch folders. */
export const attemptFolder = (store: CheckpointStore, scratch: string, job: RunJob): string =>
  store.folder === null ? join(scratch, jobId(job)) : join(store.folder, job.runId);

/** Absolute path of the folder of the checkpoint of another run from which an attempt starts. `folder` is that of the attempt. */
export const forkFolder = (store: CheckpointStore, folder: string, runId: string): string =>
  join(store.folder ?? folder, runId);

/**
 * Delete the stray files of earlier attempts, and fetch the checkpoints to resume from, newest first, and that of the run from which it starts, if the store is not
 * a folder. A checkpoint that cannot be fetched is logged: the trainer refuses it with a note. Stops early once `signal`
 * is aborted. Throws if the store does not answer within `patienceMs`.
 */
export async function prepareFolder(
  folder: string,
  {
    job,
    store,
    resume,
    fork,
    ...options
  }: {
    job: RunJob;
    store: CheckpointStore;
    resume: readonly CheckpointFile[];
    fork?: TrainCommand['fork'];
    patienceMs: number;
    signal: AbortSignal;
    log: Logger;
  },
): Promise<void> {
  const { signal, log } = options;
  if (job.attempt > 1) await removeStrays(folder, job.attempt - 1, new Set(resume.map(({ file }) => file)));
  if (store.folder !== null) return;
  const wanted = [
    ...resume.map((file) => ({ file, from: { runId: job.runId, folder } })),
    ...(fork?.checkpoint ? [{ file: fork.checkpoint, from: { runId: fork.run, folder: fork.folder } }] : []),
  ];
  for (const { file, from } of wanted) {
    const failure = await retry(() => fetchCheckpoint(store, from, file), options).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (failure !== null) log.warn(`checkpoint not fetched: ${failure}`);
    if (signal.aborted) return;
  }
}

/** Delete an attempt's scratch folder, once the attempt has ended. Does nothing for a file store. */
export async function removeAttemptFolder(store: CheckpointStore, folder: string): Promise<void> {
  if (store.folder === null) await rm(folder, { recursive: true, force: true });
}

const SCRATCH_NAME = /^([0-9a-f-]{36})-(\d+)$/;

/** Delete the scratch folders that killed workers left: those of attempts that are not running. */
export async function removeOldScratch(db: Database, scratch: string): Promise<void> {
  const names = (await nullIfMissing(readdir(scratch))) ?? [];
  const ours = names.filter((name) => SCRATCH_NAME.test(name));
  if (ours.length === 0) return;
  const running = await runningAttempts(
    db,
    ours.map((name) => name.replace(SCRATCH_NAME, '$1')),
  );
  const held = new Set(running.map(jobId));
  for (const name of ours) if (!held.has(name)) await rm(join(scratch, name), { recursive: true, force: true });
}
