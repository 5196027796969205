/** Whether an equal run was trained before, so that its result stands for that of a claimed one. */
import type { RunJob } from '@ablate/contracts';
import { inspectDataset } from '@ablate/data';
import { type Database, findReusable, type Reused, reuseRun } from '@ablate/db';
import type { Logger } from 'pino';

export type ReuseOptions = {
  db: Database;
  /** Code of this worker's trainers; undefined for a custom trainer, whose results are its own. */
  code: string | undefined;
  /** Where trainers find their data, and its packed copies. */
  data: { folders: readonly string[]; cache: string };
  log: Logger;
};

/**
 * Finishes a claimed run with the result of an equal run, which had the same config, seed and code, and the data that this machine would train on. Null if there is none, or if the data is not
 * packed here yet: then it is trained. Never rejects: training is always an answer.
 */
export async function reuseEarlier(job: RunJob, { db, code, data, log }: ReuseOptions): Promise<Reused | null> {
  if (code === undefined) return null;
  try {
    const reusable = await findReusable(db, { ...job, code });
    if (reusable === null) return null;
    const { manifest } = await inspectDataset(reusable.dataset, data);
    if (manifest === null || !reusable.hashes.includes(manifest.sha256)) return null;
    return await reuseRun(db, { ...job, code, data: manifest.sha256 });
  } catch (error) {
    log.warn({ err: error }, 'cannot reuse an earlier result: the run is trained');
    return null;
  }
}
