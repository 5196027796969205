/** What each event of a trainer becomes in the database. */
import type { CheckpointFile, RunJob, TrainerEvent } from '@ablate/contracts';
import { type Attempts, type Database, endAttempt, recordCheckpoint } from '@ablate/db';
import type { Logger } from 'pino';
import { removeCheckpoint, removeStrays } from './checkpoint-files.ts';
import type { Lease } from './lease.ts';

export type EventRecorder = (event: TrainerEvent) => Promise<boolean>;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * Writes one event; answers whether the attempt is still ours. May be called again with the same event: every write is
 * an upsert or conditional.
 *
 * @param checkpoints what the database knew of this run when it was claimed
 */
export function createEventRecorder({
  db,
  attempts,
  job,
  folder,
  checkpoints,
  lease,
  log,
}: {
  db: Database;
  attempts: Attempts;
  job: RunJob;
  folder: string;
  checkpoints: readonly CheckpointFile[];
  lease: Pick<Lease, 'report' | 'unwritten'>;
  log: Logger;
}): EventRecorder {
  const recorded = new Map(checkpoints.map(({ kind, file }) => [kind, file]));
  let total = { totalSteps: 0, epochs: 0 };

  return async (event) => {
    switch (event.type) {
      case 'started': {
        const { type: _, ...started } = event;
        total = { totalSteps: event.totalSteps, epochs: event.epochs };
        for (const note of event.notes) log.warn(note);
        return attempts.start({ ...job, ...started });
      }
      case 'progress': {
        const { step, epoch, samplesPerSecond, secondsLeft } = event;
        lease.report({ ...total, step, epoch, loss: finite(event.loss), samplesPerSecond, secondsLeft });
        return true;
      }
      case 'metrics':
        return attempts.recordMetrics({ ...job, rows: event.rows });
      case 'checkpoint': {
        const { checkpoint } = event;
        const { held, replaced } = await recordCheckpoint(db, { ...job, checkpoint });
        if (!held) return false;
        recorded.set(checkpoint.kind, checkpoint.file);
        // A write that was made twice names its own file as the one replaced.
        if (replaced !== null && replaced !== checkpoint.file) await removeCheckpoint(folder, replaced);
        return true;
      }
      case 'finished':
        await removeStrays(folder, job.attempt, new Set(recorded.values()));
        return attempts.finish({ ...job, result: event.result, progress: lease.unwritten() });
      case 'failed':
        return (await endAttempt(db, { ...job, cause: event.cause, message: event.message })) !== null;
    }
  };
}
