import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, makePrivateFolder, type ProcessIdentity, readState, worksIn, writeState } from '@ablate/files';
import pg from 'pg';
import { z } from 'zod';
import type { Service } from '../keep/service.ts';
import { openLog, tailLog } from '../log-file.ts';
import { freePort, isPortFree } from '../port.ts';
import { end, gone } from '../process.ts';
import { type Account, asAccount } from './account.ts';
import { type PostgresBinaries, reachableBinaries } from './binaries.ts';
import { makeCluster, SUPERUSER, serverEnv } from './cluster.ts';
import { ELSEWHERE, prepareDataFolder } from './data-folder.ts';

const HOST = '127.0.0.1';
const DATABASE = 'ablate';
const READY_SECONDS = 120; // recovery after a crash may have a log to replay
const RETRY_SECONDS = 20;

const State = z.strictObject({ port: z.int(), password: z.string(), folder: z.string().nullable() });
type State = z.infer<typeof State>;

const urlOf = (state: State, database: string): string =>
  `postgres://${SUPERUSER}:${state.password}@${HOST}:${state.port}/${database}`;

/** Runs one statement in the maintenance database, over its own connection. */
async function query<Row extends pg.QueryResultRow>(state: State, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: urlOf(state, 'postgres'), connectionTimeoutMillis: 5000 });
  client.on('error', () => client.end()); // the query below is rejected with the same error
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until the server answers. Throws if it ends first, or after `READY_SECONDS`. */
async function ready(state: State, server: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + READY_SECONDS * 1000;
  for (;;) {
    try {
      await query(state, 'SELECT 1');
      return;
    } catch (error) {
      if (await gone(server, 0)) throw new Error('PostgreSQL exited during its start', { cause: error });
      if (performance.now() > deadline) throw new Error('PostgreSQL does not answer', { cause: error });
      await sleep(50);
    }
  }
}

/** The server that already runs on this data folder, left behind by a supervisor that was killed. Removes a stale pid file. */
function findLeftBehind(data: string): { server: ProcessIdentity; port: number } | null {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return null;
  const [pid, , , port] = readFileSync(pidFile, 'utf8').split('\n');
  const server = identify(Number(pid));
  if (server && port && worksIn(server.pid, data)) return { server, port: Number(port) };
  rmSync(pidFile);
  return null;
}

/** The server that was left behind, once it answers; null if there is none, or if it ends first. */
async function adopt(data: string, state: State): Promise<{ server: ProcessIdentity; port: number } | null> {
  const found = findLeftBehind(data);
  if (!found) return null;
  try {
    await ready({ ...state, port: found.port }, found.server);
    return found;
  } catch (error) {
    if (await gone(found.server, 0)) return adopt(data, state); // a server that is being killed
    throw error;
  }
}

const settings = (port: number, durable: boolean): string[] =>
  Object.entries({
    port,
    listen_addresses: HOST,
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

type Launch = {
  state: State;
  data: string;
  binaries: PostgresBinaries;
  account: Account | null;
  log: string;
  durable: boolean;
};

/** Starts the server, detached: if the supervisor is killed, the server runs on, and the next start adopts it. */
async function launch({ state, data, binaries, account, log, durable }: Launch): Promise<ProcessIdentity> {
  const output = openLog(log);
  const from = fstatSync(output).size;
  const child = spawn(binaries.postgres, ['-D', data, ...settings(state.port, durable)], {
    ...asAccount(account),
    env: serverEnv(),
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  if (child.pid === undefined) return failed;
  const server = identify(child.pid);
  if (!server) throw new Error(`PostgreSQL exited at its start. Its log ${log} ends:\n${tailLog(log, from, 5)}`);
  try {
    await Promise.race([ready(state, server), failed]);
  } catch (cause) {
    throw new Error(`${(cause as Error).message}. Its log ${log} ends:\n${tailLog(log, from, 5)}`, { cause });
  }
  return server;
}

/** Launches, and retries: another process may take the port, and children of a killed server take a moment to exit. */
async function launchWithRetries(options: Launch, file: string): Promise<ProcessIdentity> {
  const deadline = performance.now() + RETRY_SECONDS * 1000;
  for (;;) {
    if (!(await isPortFree(options.state.port, HOST))) {
      options.state.port = await freePort(HOST);
      writeState(file, options.state);
    }
    try {
      return await launch(options);
    } catch (error) {
      const passing = /could not bind|Address already in use|shared memory block|lock file/.test(String(error));
      if (!passing || performance.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

/**
 * Ablate's own PostgreSQL, with its data below `home` and a database `ablate`: started, or adopted if it already runs. It
 * listens on loopback only, on the same port at each start. `durable: false` is for tests: faster, and not safe in a power
 * cut.
 */
export async function startPostgres({ home, durable = true }: { home: string; durable?: boolean }): Promise<Service> {
  makePrivateFolder(home);
  const file = join(realpathSync(home), 'postgres.json');
  const state = readState(file, State) ?? {
    port: await freePort(HOST),
    password: randomBytes(24).toString('hex'),
    folder: null,
  };
  const { folder, account } = prepareDataFolder(realpathSync(home), state.folder);
  state.folder = folder === join(realpathSync(home), 'postgres') ? null : folder; // a home may be moved
  writeState(file, state);

  const data = join(folder, 'data');
  let server: ProcessIdentity;
  const leftBehind = await adopt(data, state);
  if (leftBehind) {
    state.port = leftBehind.port;
    server = leftBehind.server;
  } else {
    const binaries = reachableBinaries(account, ELSEWHERE);
    makeCluster(folder, binaries, account, state.password);
    const log = join(home, 'logs', 'postgres.log');
    server = await launchWithRetries({ state, data, binaries, account, log, durable }, file);
  }
  writeState(file, state);
  const found = await query(state, `SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
  if (found.length === 0) await query(state, `CREATE DATABASE ${DATABASE}`);
  return {
    url: urlOf(state, DATABASE),
    server,
    adopted: leftBehind !== null,
    stop: () =>
      end(server, [
        ['SIGINT', 60], // "fast": ends the sessions, writes a checkpoint
        ['SIGQUIT', 10],
        ['SIGKILL', 10],
      ]),
  };
}
