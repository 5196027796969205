import { join } from 'node:path';
import { KNOWN_DATASETS } from '@ablate/contracts';
import { dataFolders, findDataset, OFFICIAL_FILES } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import type { CliEnv } from '../env.ts';
import type { Check } from './check.ts';

/** Each data set that has a name of its own: where it is, or what happens when a run asks for it. */
export async function datasetChecks({ home, dataFolders: data }: CliEnv): Promise<Check[]> {
  const folders = dataFolders({ data, repository: REPOSITORY, home });
  const checks: Check[] = [];
  for (const dataset of Object.keys(KNOWN_DATASETS)) {
    const name = `data set ${dataset}`;
    const found = await findDataset(dataset, { folders });
    const official = OFFICIAL_FILES[dataset];
    if (found) checks.push({ name, state: 'ok', detail: found.path });
    else if (dataset === 'shapes10') checks.push({ name, state: 'ok', detail: 'drawn when it is asked for' });
    else if (official) {
      const megabytes = Math.round(official.bytes / 1e6);
      checks.push({
        name,
        state: 'warning',
        detail: `downloaded when it is asked for: ${megabytes} MB from ${official.url} to ${join(home, 'data')}`,
      });
    } else
      checks.push({
        name,
        state: 'warning',
        detail: `not in ${folders.join(', ')}`,
        remedy: 'name its folder in ABLATE_DATA',
      });
  }
  return checks;
}
