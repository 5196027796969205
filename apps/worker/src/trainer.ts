/** The trainer process: takes one run after another from its parent, and says what comes of each. It knows no database and no queue. */
import { join } from 'node:path';
import { type TrainCommand, TrainerCommand, type TrainerEvent } from '@ablate/contracts';
import { dataFolders } from '@ablate/data';
import { checkDevice } from '@ablate/engine';
import { causeOf } from './cause-of.ts';
import { REPOSITORY, readTrainerEnv } from './env.ts';
import { describeEnvironment } from './environment.ts';
import { fit, Stopped } from './fit.ts';
import type { TrainerReady } from './trainer-ready.ts';

const send = process.send?.bind(process);
if (send === undefined) throw new Error('the trainer is started by a worker, over IPC');

// Ctrl-C reaches the whole process group; the worker asks us to stop in order. Once it is gone, so are we.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit(0));

const env = readTrainerEnv(process.env);
checkDevice();
const environment = await describeEnvironment(REPOSITORY);
const data = {
  folders: dataFolders({ data: env.dataFolder, repository: REPOSITORY, home: env.home }),
  cache: join(env.home, 'cache'),
  download: join(env.home, 'data'),
};

const say = (event: TrainerEvent) => send(event);
let stop: AbortController | undefined;

async function train(command: TrainCommand): Promise<void> {
  if (stop !== undefined) throw new Error('a trainer trains one run at a time');
  stop = new AbortController();
  try {
    const { checkpointSeconds } = env;
    for await (const event of fit(command, { data, checkpointSeconds, environment, stop: stop.signal })) say(event);
  } catch (error) {
    say({ type: 'failed', ...causeOf(error) });
  } finally {
    stop = undefined;
  }
}

process.on('message', (message) => {
  const command = TrainerCommand.safeParse(message);
  if (!command.success)
    say({ type: 'failed', cause: 'user_error', message: `not a run that can be trained: ${command.error.message}` });
  else if (command.data.type === 'train') void train(command.data);
  else stop?.abort(new Stopped(command.data.cause));
});
const ready: TrainerReady = { type: 'ready' };
send(ready);
