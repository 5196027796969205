/** The trainer process: runs `fit` on this machine's device and data, for the worker that forked it. */
import { join } from 'node:path';
import { dataFolders } from '@ablate/data';
import { checkDevice } from '@ablate/engine';
import { REPOSITORY } from '@ablate/files';
import { describeEnvironment, fit } from '@ablate/training';
import { readTrainerEnv } from '@ablate/training/env';
import { serveTraining } from '@ablate/training/serve';

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
  return {
    training: (command, stop) => fit(command, { data, checkpointSeconds, environment, stop }),
    device: environment.device,
    code: environment.code,
  };
});
