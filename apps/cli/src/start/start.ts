/** `npm start` after the set-up: runs Ablate's servers and processes until it is told to stop. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '@ablate/client';
import { takeLock, writeState } from '@ablate/files';
import {
  awaitLeftBehind,
  awaitReady,
  forgetChildren,
  isPortFree,
  keepApi,
  keepWorkers,
  openDatabases,
  prepareDatabase,
  readStartEnv,
  rememberChildren,
  type StartEnv,
  stopStack,
} from '@ablate/supervisor';
import { EXIT, explainError, Failure } from '../failure.ts';
import { openScreen } from '../screen.ts';
import { runSample } from './sample.ts';

export type StartOptions = { sample: boolean; workers: number; port?: number };

const ANYWHERE: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

/** How this machine reaches what listens on `host`. */
const addressOf = (host: string, port: number): string =>
  `http://${ANYWHERE[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`;

async function checkPort(port: number, host: string): Promise<void> {
  if (!(await isPortFree(port, host)))
    throw new Failure(`port ${port} on ${host} is taken by another program: npm start -- --port ${port + 1}`);
}

const addresses = (apiUrl: string, readerUrl: string | null, home: string): string =>
  [
    ['API', `${apiUrl}/api/v1`],
    ['its pages', `${apiUrl}/docs`],
    ['queue', `${apiUrl}/queues`],
    ['SQL', 'npm run sql -- "select * from ablation"'],
    ...(readerUrl ? [['', `psql "${readerUrl}"`]] : []),
    ['another sweep', 'npx ablate submit studies/first-run.json --wait'],
    ['logs', join(home, 'logs')],
    ['stop', 'Ctrl-C; nothing is lost, npm start goes on'],
  ]
    .map(([what = '', where]) => `  ${what.padEnd(14)}${where}`)
    .join('\n');

/** Starts everything, in the order in which it depends on one another, and waits for the signal. */
async function serve(
  env: StartEnv,
  options: StartOptions,
  push: (stop: () => Promise<void>) => void,
  signal: AbortSignal,
) {
  const began = performance.now();
  const screen = openScreen(process.stdout);
  const say = (line: string): void => screen.line(line);
  const port = options.port ?? env.port;
  const apiUrl = addressOf(env.host, port);

  await awaitLeftBehind(env.home, say);
  await checkPort(port, env.host);

  const children: { restart: () => void }[] = [];
  const moved = () => {
    say('A server has a new address: the API and the workers are started again.');
    for (const child of children) child.restart();
    announce();
  };
  const databases = await openDatabases(env, { say, moved, push });
  signal.throwIfAborted();
  const readerUrl = await prepareDatabase(databases.databaseUrl(), env, say);
  signal.throwIfAborted();
  const servicesFile = join(env.home, 'services.json');
  const announce = () =>
    writeState(servicesFile, {
      databaseUrl: databases.databaseUrl(),
      ...(readerUrl ? { readerUrl } : {}),
      redisUrl: databases.redisUrl(),
      apiUrl,
    });
  announce();
  push(async () => rmSync(servicesFile));

  push(async () => forgetChildren(env.home));
  const api = keepApi({ env, databases, say }, { host: env.host, port });
  push(api.stop);
  const workers = keepWorkers({ env, databases, say }, options.workers);
  push(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
  children.push(api, ...workers);
  const remember = () =>
    rememberChildren(
      env.home,
      [api, ...workers].flatMap((child) => child.identity() ?? []),
    );
  remember();
  const remembering = setInterval(remember, 5000); // they are started again now and then
  push(async () => clearInterval(remembering));

  await awaitReady(api, apiUrl, signal);
  say(`Ablate serves at ${apiUrl} (ready after ${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (options.sample) await runSample(openApi(apiUrl, { signal }), env, screen, signal);
  say(addresses(apiUrl, readerUrl, env.home));
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Runs until SIGINT or SIGTERM, and stops everything again, also when something fails on the way. The result is the exit code. */
export async function start(options: StartOptions): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const told = new AbortController();
  const onSignal = () => {
    if (!told.signal.aborted) process.stdout.write('\nStopping: runs are saved …\n');
    told.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  process.stdout.on('error', () => told.abort()); // its terminal is gone
  const { push, stopAll } = stopStack();
  let code = 0;
  try {
    const env = readStartEnv(process.env);
    mkdirSync(env.home, { recursive: true, mode: 0o700 });
    const lock = takeLock(join(env.home, 'start.lock'));
    if ('heldBy' in lock)
      throw new Failure(
        `Ablate is running already (process ${lock.heldBy}, data in ${env.home}). End it with Ctrl-C there, or: kill ${lock.heldBy}`,
      );
    push(async () => lock.release());
    await serve(env, options, push, told.signal);
  } catch (error) {
    if (!told.signal.aborted) {
      const { message, exitCode } = explainError('npm start', error);
      say(message);
      code = exitCode;
    }
  }
  for (const failure of await stopAll()) {
    say(`while stopping: ${failure instanceof Error ? failure.message : failure}`);
    code = EXIT.failed;
  }
  if (told.signal.aborted) process.stdout.write('Stopped.\n');
  return code;
}
