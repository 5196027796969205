/** Whether this machine has the data set of a run. */
import { hostname } from 'node:os';
import type { RunJob } from '@ablate/contracts';
import { findDataset, OFFICIAL_FILES } from '@ablate/data';
import { type Database, datasetOf } from '@ablate/db';

/** Data sets that a trainer makes or downloads itself. */
const ANYWHERE = new Set(['shapes10', ...Object.keys(OFFICIAL_FILES)]);

/** Why this worker cannot train the run; null if its data set is here, or a trainer fetches it. @param folders that are searched */
export async function missingDataset(
  db: Database,
  job: RunJob,
  { folders }: { folders: readonly string[] },
): Promise<string | null> {
  const name = await datasetOf(db, job);
  if (name === null || ANYWHERE.has(name) || (await findDataset(name, { folders })) !== null) return null;
  return `data set "${name}" is not on ${hostname()} (searched ${folders.join(', ')}): put it there, or start a worker that has it; the run waits`;
}
