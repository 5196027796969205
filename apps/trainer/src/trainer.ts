/** The trainer process: the training of `fit.ts`, on this machine's device and data. */
import { join } from 'node:path';
import { dataFolders } from '@ablate/data';
import { checkDevice } from '@ablate/engine';
import { REPOSITORY } from '@ablate/files';
import { fit } from '@ablate/training';
import { readTrainerEnv } from './env.ts';
import { describeEnvironment } from './environment.ts';
import { serveTraining } from './serve-training.ts';

await serveTraining(async () => {
  const env = readTrainerEnv(process.env);
  checkDevice();
  const environment = await describeEnvironment(REPOSITORY);
  const data = {
    folders: dataFolders({ data: env.dataFolder, repository: REPOSITORY, home: env.home }),
    cache: join(env.home, 'cache'),
    download: join(env.home, 'data'),
    memoryBytes: env.dataBytes,
  };
  const { checkpointSeconds } = env;
  return (command, stop) => fit(command, { data, checkpointSeconds, environment, stop });
});
