/** What `npm start` keeps running: databases, API and workers, each started after what it needs. */
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { makePrivateFolder, takeLock } from '@ablate/files';
import { openDatabases, prepareDatabase } from './databases.ts';
import type { StartEnv } from './env.ts';
import { isPortFree } from './port.ts';
import { awaitOrphans, awaitReady, forgetChildren, keepApi, keepWorkers, rememberChildren } from './processes.ts';
import { removeServices, writeServices } from './services-file.ts';

const REMEMBER_MS = 5000;

/** How this machine reaches a server that listens on all its addresses. */
const LOCAL: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

/** The URL at which this machine reaches a server that listens on `host`. */
const urlOf = (host: string, port: number): string =>
  `http://${LOCAL[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`;

type SupervisorOptions = {
  port: number;
  workers: number;
  /** Receives a line for the user when something starts, ends or moves. */
  say: (line: string) => void;
};

type Supervisor = {
  /**
   * Starts everything and waits for the API; then restarts what ends. `readerUrl` is the database with the
   * read-only role, or null if the role could not be created. Throws UserError if another supervisor runs in this home,
   * the port is taken, or the API does not get ready. After an error, or an abort, `stop` ends what was started.
   */
  start: (signal: AbortSignal) => Promise<{ apiUrl: string; readerUrl: string | null }>;
  /** Stops what was started, last first. Continues after an error; resolves to all errors. */
  stop: () => Promise<unknown[]>;
};

export function createSupervisor(env: StartEnv, { port, workers: count, say }: SupervisorOptions): Supervisor {
  const { home, host } = env;
  const apiUrl = urlOf(host, port);
  const stops: (() => void | Promise<void>)[] = [];
  const onStop = (stop: () => void | Promise<void>): void => void stops.push(stop);

  function lockHome(): void {
    const changed = makePrivateFolder(home);
    if (changed)
      say(`${home} holds passwords: other users can no longer read it (its mode was 0${changed.before.toString(8)}).`);
    const lock = takeLock(join(home, 'start.lock'));
    if ('heldBy' in lock)
      throw new UserError(
        `Ablate is already running (process ${lock.heldBy}, data in ${home}). Stop it with Ctrl-C there, or: kill ${lock.heldBy}`,
      );
    onStop(lock.release);
  }

  async function start(signal: AbortSignal): Promise<{ apiUrl: string; readerUrl: string | null }> {
    lockHome();
    await awaitOrphans(home, say);
    if (!(await isPortFree(port, host)))
      throw new UserError(`port ${port} on ${host} is in use by another program: npm start -- --port ${port + 1}`);

    const children: { restart: () => void }[] = [];
    const onMove = (): void => {
      say('A server has a new address: restarting the API and the workers.');
      for (const child of children) child.restart();
      announce();
    };
    const databases = await openDatabases(env, { say, onMove, onStop });
    signal.throwIfAborted();
    const prepared = await prepareDatabase(databases.databaseUrl(), env, say);
    signal.throwIfAborted();
    /** With the present address of a server of our own, which may move when it is started again. */
    const readerUrl = (): string | null => {
      if (prepared === null || env.readerUrl) return prepared;
      const url = new URL(databases.databaseUrl());
      const { username, password } = new URL(prepared);
      return Object.assign(url, { username, password }).href;
    };
    const announce = (): void =>
      writeServices(home, {
        databaseUrl: databases.databaseUrl(),
        readerUrl: readerUrl() ?? undefined,
        redisUrl: databases.redisUrl(),
        apiUrl,
      });
    announce();
    onStop(() => removeServices(home));

    onStop(() => forgetChildren(home));
    const api = keepApi({ env, databases, say }, { host, port, readerUrl });
    onStop(api.stop);
    const workers = keepWorkers({ env, databases, say }, count);
    onStop(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
    children.push(api, ...workers);
    const remember = (): void =>
      rememberChildren(
        home,
        [api, ...workers].flatMap((child) => child.identity() ?? []),
      );
    remember();
    const remembering = setInterval(remember, REMEMBER_MS); // a child that was started again has a new identity
    onStop(() => clearInterval(remembering));

    await awaitReady(api, apiUrl, signal);
    return { apiUrl, readerUrl: readerUrl() };
  }

  async function stop(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (let next = stops.pop(); next; next = stops.pop())
      try {
        await next();
      } catch (error) {
        errors.push(error);
      }
    return errors;
  }

  return { start, stop };
}
