/** The data folders of the benches: those of the trainer. */
import { join } from 'node:path';
import { dataFolders, type OpenOptions } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { readTrainerEnv } from '@ablate/training/env';

export function trainingData(): OpenOptions {
  const { home, dataFolder } = readTrainerEnv(process.env);
  return {
    folders: dataFolders({ data: dataFolder, repository: REPOSITORY, home }),
    cache: join(home, 'cache'),
    download: join(home, 'data'),
  };
}
