/** Makes the inspections that users ask for, one at a time, beside the runs of this worker. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointStore, fetchCheckpoint } from '@ablate/checkpoints';
import type { InspectAnswer } from '@ablate/contracts';
import { claimInspection, type Database, finishInspection } from '@ablate/db';
import { sha256 } from '@ablate/files';
import type { Logger } from 'pino';
import { inspectInProcess } from './inspect-process.ts';
import { type Repeated, repeat } from './repeat.ts';

const LOOK_SECONDS = 1;
/** How long an inspection is left to workers that do not train. */
const BUSY_SECONDS = 10;
/** Less than the time after which another worker claims it. */
const LONGEST_SECONDS = 120;

export type InspectorOptions = {
  db: Database;
  store: CheckpointStore;
  /** Absolute path of the scratch folders. */
  scratch: string;
  env: NodeJS.ProcessEnv;
  memory: number | undefined;
  /** Whether the worker trains as many runs as it can. */
  isBusy: () => boolean;
  /** Aborted when this worker shuts down: its inspection goes to another. */
  draining: AbortSignal;
  log: Logger;
};

type Claimed = NonNullable<Awaited<ReturnType<typeof claimInspection>>>;

/** Fetch the checkpoint, unless the store is a folder, and inspect. */
async function inspect(
  { id, runId, images, picture, strip, checkpoint }: Claimed,
  { store, scratch, env, memory, draining }: InspectorOptions,
): Promise<InspectAnswer> {
  if (checkpoint === null) return { type: 'failed', message: 'the best checkpoint was deleted' };
  if (picture === null && strip === null) return { type: 'failed', message: 'the images of the run were deleted' };
  const folder = store.folder === null ? join(scratch, `inspection-${id}`) : join(store.folder, runId);
  try {
    const missing = store.folder === null ? await fetchCheckpoint(store, { runId, folder }, checkpoint) : null;
    if (missing !== null) return { type: 'failed', message: missing };
    const command = { folder, checkpoint, images, picture, strip: picture === null ? strip : null };
    return await inspectInProcess(command, { env, seconds: LONGEST_SECONDS, memory, signal: draining });
  } finally {
    if (store.folder === null) await rm(folder, { recursive: true, force: true });
  }
}

/** Claim inspections and make them. A worker whose slots are taken leaves them to others for a while. */
export function startInspector(options: InspectorOptions): Repeated {
  const { db, log, isBusy, draining } = options;
  return repeat(
    'inspections',
    LOOK_SECONDS,
    async () => {
      const claimed = draining.aborted ? null : await claimInspection(db, { waited: isBusy() ? BUSY_SECONDS : 0 });
      if (claimed === null) return false;
      const { id, runId } = claimed;
      const answer = await inspect(claimed, options).catch(
        (error: unknown): InspectAnswer => ({
          type: 'failed',
          message: `the worker failed: ${error instanceof Error ? error.message : error}`,
        }),
      );
      if (draining.aborted) return false; // its lease expires, and another worker claims it
      const ended =
        answer.type === 'done' ? { sha256: sha256(answer.file), data: answer.file } : { message: answer.message };
      await finishInspection(db, claimed, ended);
      log.info({ inspection: id, runId, ...('message' in ended ? ended : {}) }, 'inspected');
      return true;
    },
    log,
  );
}
