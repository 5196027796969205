/** The API and the workers of `npm start`, each a process of its own. */
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '@ablate/contracts';
import { isRunning, type ProcessIdentity, REPOSITORY, readState, writeState } from '@ablate/files';
import { z } from 'zod';
import type { Databases } from './databases.ts';
import type { StartEnv } from './env.ts';
import { type KeptChild, keepChild } from './keep/child.ts';
import { end, gone } from './process.ts';

const NODE_ARGUMENTS = ['--import', import.meta.resolve('tsx')];
const READY_MS = 60_000;
const CRASHES = 3;

type Options = { env: StartEnv; databases: Databases; say: (line: string) => void };

function keepApp(
  { env, databases, say }: Options,
  app: { name: string; module: string; graceMs: number; variables: () => Record<string, string> },
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
      ...app.variables(),
    }),
    log: join(env.home, 'logs', `${app.name.replace(' ', '-')}.log`),
    graceMs: app.graceMs,
    say,
  });
}

export const keepApi = (
  options: Options,
  { host, port, readerUrl }: { host: string; port: number; readerUrl: () => string | null },
): KeptChild =>
  keepApp(options, {
    name: 'api',
    module: 'apps/api/src/server.ts',
    graceMs: 15_000,
    variables: () => ({ ABLATE_HOST: host, ABLATE_PORT: String(port), ABLATE_READER_URL: readerUrl() ?? '' }),
  });

/** Several workers share the cores evenly, unless ABLATE_THREADS is set. */
export const keepWorkers = (options: Options, count: number): KeptChild[] => {
  const threads = Math.max(1, Math.floor(availableParallelism() / count));
  const share: Record<string, string> =
    count > 1 && options.env.threads === undefined ? { ABLATE_THREADS: String(threads) } : {};
  return Array.from({ length: count }, (_, i) =>
    keepApp(options, {
      name: count === 1 ? 'worker' : `worker ${i + 1}`,
      module: 'apps/worker/src/worker.ts',
      graceMs: 30_000, // running attempts save checkpoints
      variables: () => share,
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

/** Throws UserError with the end of the API's log if the API does not get ready. */
export async function awaitReady(api: KeptChild, apiUrl: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await isReady(apiUrl, signal))) {
    if (api.crashes() >= CRASHES || performance.now() > deadline)
      throw new UserError(`the API does not get ready at ${apiUrl}. Its log ends:\n${api.lastLines()}`);
    await sleep(100, undefined, { signal });
  }
}

const Children = z.array(z.strictObject({ pid: z.int(), started: z.string() }));
const ORPHAN_SECONDS = 25; // longer than a worker takes to save its runs

const childrenFile = (home: string): string => join(home, 'children.json');

export const rememberChildren = (home: string, children: ProcessIdentity[]): void =>
  writeState(childrenFile(home), children);

export const forgetChildren = (home: string): void => rmSync(childrenFile(home), { force: true });

/**
 * Waits for children of an earlier supervisor that was killed, so that no port and no slot is held twice. They end by
 * themselves when their supervisor does; one that does not is killed.
 */
export async function awaitOrphans(home: string, say: (line: string) => void): Promise<void> {
  const orphans = (readState(childrenFile(home), Children) ?? []).filter(isRunning);
  if (orphans.length > 0) say(`Waiting for ${orphans.length} processes of the previous start to end.`);
  await Promise.all(
    orphans.map(async (orphan) => {
      if (!(await gone(orphan, ORPHAN_SECONDS))) await end(orphan, [['SIGKILL', 10]]);
    }),
  );
  forgetChildren(home);
}
