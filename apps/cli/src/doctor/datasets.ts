import { join } from 'node:path';
import { KNOWN_DATASETS } from '@ablate/contracts';
import { dataFolders, findDataset, isRefused, OFFICIAL_FILES } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import type { CliEnv } from '../env.ts';
import type { Check } from './check.ts';

/** For each known data set: its path, or what happens when a run needs it. */
export async function datasetChecks({ home, dataFolders: data }: CliEnv): Promise<Check[]> {
  const folders = dataFolders({ data, repository: REPOSITORY, home });
  const checks: Check[] = [];
  for (const dataset of Object.keys(KNOWN_DATASETS)) {
    const name = `data set ${dataset}`;
    const found = await findDataset(dataset, { folders });
    const official = OFFICIAL_FILES[dataset];
    if (found && isRefused(found))
      checks.push({
        name,
        state: 'warning',
        detail: `${found.path} is not read: ${found.format}`,
        remedy: `\`npx ablate data pack ${dataset}\` prints what to do`,
      });
    else if (found) checks.push({ name, state: 'ok', detail: found.path });
    else if (dataset === 'shapes10') checks.push({ name, state: 'ok', detail: 'generated when a run needs it' });
    else if (official) {
      const megabytes = Math.round(official.bytes / 1e6);
      checks.push({
        name,
        state: 'warning',
        detail: `downloaded when a run needs it: ${megabytes} MB from ${official.url} to ${join(home, 'data')}`,
      });
    } else
      checks.push({
        name,
        state: 'warning',
        detail: `not found in ${folders.join(', ')}`,
        remedy: 'set ABLATE_DATA to its folder',
      });
  }
  return checks;
}
