/** Writes each event of a trainer into the database and the checkpoint store. */
import { join } from 'node:path';
import { type CheckpointStore, checkpointKey } from '@ablate/checkpoints';
import type { CheckpointFile, Progress, RunJob, TrainerEvent } from '@ablate/contracts';
import {
  type Attempts,
  type Database,
  endAttempt,
  namedFiles,
  type Retention,
  recordCheckpoint,
  recordInside,
  recordPredictions,
  restRun,
  type Started,
  summariseCurves,
} from '@ablate/db';
import { removeCheckpoint, removeStrays } from '@ablate/training/checkpoint-files';
import type { Logger } from 'pino';
import type { Lease } from './lease.ts';
import { readInside } from './read-inside.ts';
import { readPredictions } from './read-predictions.ts';
import type { Usage } from './usage.ts';

export type EventRecorder = (event: TrainerEvent) => Promise<boolean>;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * The recorder writes one event and returns whether the attempt still holds its lease. It may be called again with the
 * same event: every write is an upsert or conditional.
 *
 * @param checkpoints the run's checkpoints in the database when it was claimed
 */
export function createEventRecorder({
  db,
  attempts,
  store,
  keep,
  job,
  folder,
  checkpoints,
  lease,
  usage,
  log,
}: {
  db: Database;
  attempts: Attempts;
  store: CheckpointStore;
  keep: Retention;
  job: RunJob;
  folder: string;
  checkpoints: readonly CheckpointFile[];
  lease: Pick<Lease, 'report' | 'unwritten'>;
  /** What the attempt has used of its machine so far. */
  usage: () => Promise<Usage>;
  log: Logger;
}): EventRecorder {
  /** Files of this run that have a row. */
  const recorded = new Set(checkpoints.map(({ file }) => file));
  const idle = { step: 0, epoch: 0, loss: null, samplesPerSecond: null, secondsLeft: null };
  let started: Started | undefined;
  let progress: Progress = { ...idle, totalSteps: 0, epochs: 0 };

  return async (event) => {
    switch (event.type) {
      case 'started': {
        const { type: _, ...rest } = event;
        started = rest;
        progress = { ...progress, totalSteps: event.totalSteps, epochs: event.epochs };
        for (const note of event.notes) log.warn(note);
        return attempts.start({ ...job, ...rest });
      }
      case 'progress': {
        const { step, epoch, samplesPerSecond, secondsLeft } = event;
        const { totalSteps, epochs } = progress;
        progress = { step, totalSteps, epoch, epochs, loss: finite(event.loss), samplesPerSecond, secondsLeft };
        lease.report(progress);
        return true;
      }
      case 'stage':
        lease.report({ ...progress, stage: event.stage, secondsLeft: event.secondsLeft });
        return true;
      case 'metrics':
        return attempts.recordMetrics({ ...job, rows: event.rows });
      case 'checkpoint': {
        const { checkpoint } = event;
        const { file } = checkpoint;
        // The file is durable before its row is written; a crash in between leaves a file without a row.
        await store.put(checkpointKey(job.runId, file), join(folder, file), checkpoint);
        if (!(await recordCheckpoint(db, { ...job, checkpoint, keep }))) return false;
        recorded.add(file);
        // Queried, not taken from the write's result: the response of a repeated write may have been lost.
        const named = new Set((await namedFiles(db, job.runId)).map((row) => row.file));
        for (const old of recorded) {
          if (named.has(old)) continue;
          await removeCheckpoint(folder, old);
          await store.remove(checkpointKey(job.runId, old));
          recorded.delete(old);
        }
        return true;
      }
      case 'predictions':
        // The file stays until the run is finished: the event may be written again.
        return recordPredictions(db, { ...job, predictions: await readPredictions(folder, event.predictions) });
      case 'inside': {
        const inside = await readInside(folder, event.inside).catch(asError);
        if (!(inside instanceof Error)) return recordInside(db, { ...job, inside });
        // It is no part of the result: the run succeeds without it.
        const note = `no look inside the model: ${inside.message}`;
        log.warn(note);
        return started === undefined || attempts.start({ ...job, ...started, notes: [...started.notes, note] });
      }
      case 'finished':
        await removeStrays(folder, job.attempt, recorded);
        if (!(await attempts.finish({ ...job, result: event.result, progress: lease.unwritten(), ...(await usage()) })))
          return false;
        await summariseCurves(db.pool, job.runId);
        return true;
      case 'reached':
        return (await restRun(db, { ...job, ...event })) !== null;
      case 'failed':
        return (await endAttempt(db, { ...job, cause: event.cause, message: event.message })) !== null;
    }
  };
}
