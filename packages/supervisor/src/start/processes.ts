/** The API and the workers of `npm start`, each a process of its own. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '@ablate/contracts';
import { type KeptChild, keepChild } from '../keep/child.ts';
import type { Databases } from './databases.ts';
import { REPOSITORY, type StartEnv } from './env.ts';

const NODE_ARGUMENTS = ['--import', import.meta.resolve('tsx')];
const READY_MS = 60_000;
const CRASHES = 3;

type Options = { env: StartEnv; databases: Databases; say: (line: string) => void };

function keepApp(
  { env, databases, say }: Options,
  app: { name: string; module: string; graceMs: number; variables: Record<string, string> },
): KeptChild {
  return keepChild({
    name: app.name,
    module: join(REPOSITORY, app.module),
    nodeArguments: NODE_ARGUMENTS,
    cwd: REPOSITORY,
    env: () => ({
      ...env.inherited,
      DATABASE_URL: databases.databaseUrl(),
      REDIS_URL: databases.redisUrl(),
      ABLATE_HOME: env.home,
      ...app.variables,
    }),
    log: join(env.home, 'logs', `${app.name.replace(' ', '-')}.log`),
    graceMs: app.graceMs,
    say,
  });
}

export const keepApi = (options: Options, { host, port }: { host: string; port: number }): KeptChild =>
  keepApp(options, {
    name: 'api',
    module: 'apps/api/src/server.ts',
    graceMs: 15_000,
    variables: { ABLATE_HOST: host, ABLATE_PORT: String(port) },
  });

/** Several workers share the cores evenly, unless ABLATE_THREADS says otherwise. */
export const keepWorkers = (options: Options, count: number): KeptChild[] => {
  const threads = Math.max(1, Math.floor(availableParallelism() / count));
  const share: Record<string, string> =
    count > 1 && options.env.threads === undefined ? { ABLATE_THREADS: String(threads) } : {};
  return Array.from({ length: count }, (_, i) =>
    keepApp(options, {
      name: count === 1 ? 'worker' : `worker ${i + 1}`,
      module: 'apps/worker/src/worker.ts',
      graceMs: 30_000, // it saves what it trains
      variables: share,
    }),
  );
};

async function isReady(apiUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${apiUrl}/ready`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
    });
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false; // it does not listen yet
  }
}

/** Throws UserError with the API's last words when it does not get ready. */
export async function awaitReady(api: KeptChild, apiUrl: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await isReady(apiUrl, signal))) {
    if (api.crashes() >= CRASHES || performance.now() > deadline)
      throw new UserError(`the API does not get ready at ${apiUrl}. Its log ends:\n${api.lastWords()}`);
    await sleep(100, undefined, { signal });
  }
}
