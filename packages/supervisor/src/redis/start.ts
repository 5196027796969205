import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '@ablate/contracts';
import { identify, makePrivateFolder, type ProcessIdentity, readState, writeState } from '@ablate/files';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Service } from '../keep/service.ts';
import { openLog, tailLog } from '../log-file.ts';
import { freePort, isPortFree } from '../port.ts';
import { end, gone } from '../process.ts';

const HOST = '127.0.0.1';
const READY_SECONDS = 60; // the append-only file is read first
const STARTS_TRIED = 5;

/** Endings of a start that another start on empty data would repeat, with what to do. */
const MACHINE_FAULTS: readonly { log: RegExp; remedy: string }[] = [
  { log: /No space left on device|Disk quota exceeded/i, remedy: 'the disk is full: free some space' },
  { log: /Read-only file system/i, remedy: 'the file system is read-only: set ABLATE_HOME to a writable folder' },
  { log: /Permission denied/i, remedy: 'permission denied: set ABLATE_HOME to a folder of your own' },
  { log: /Cannot allocate memory|Out Of Memory/i, remedy: 'the machine has too little memory' },
  { log: /FATAL CONFIG|Bad directive/i, remedy: 'this Redis does not accept its configuration: install 6.2 or later' },
];
const PORT_TAKEN = /Address already in use|could not create server TCP/i;

/** The server exited during its start; the message ends with its log. */
class ExitedAtStart extends Error {}

const State = z.strictObject({ port: z.int(), password: z.string() });
type State = z.infer<typeof State>;

/** In a file, since every user can read the arguments of a process. */
const configuration = (state: State, folder: string, databases: number): string => `# written by Ablate at each start
bind ${HOST}
port ${state.port}
requirepass ${state.password}
dir ${JSON.stringify(folder)}
databases ${databases}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
`;

type RedisOptions = {
  home: string;
  binary: string;
  databases?: number;
  /** Receives a line for the user. */
  say?: (line: string) => void;
};

/** The server that answers on our port to our password; null if there is none. */
async function answering(state: State): Promise<ProcessIdentity | null> {
  const redis = new Redis({
    host: HOST,
    port: state.port,
    password: state.password,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined); // connect and info below are rejected with the same error
  try {
    await redis.connect();
    const pid = /process_id:(\d+)/.exec(await redis.info('server'))?.[1];
    return pid === undefined ? null : identify(Number(pid));
  } catch {
    return null;
  } finally {
    redis.disconnect();
  }
}

/** Starts the server, detached: if the supervisor is killed, the server runs on, and the next start adopts it. */
async function launch(state: State, binary: string, config: string, log: string): Promise<ProcessIdentity> {
  const output = openLog(log);
  const from = fstatSync(output).size;
  const child = spawn(binary, [config], { detached: true, stdio: ['ignore', output, output], cwd: '/' });
  closeSync(output);
  child.unref();
  if (child.pid === undefined) return new Promise<never>((_, reject) => child.once('error', reject));
  const server = identify(child.pid);
  if (!server) throw new ExitedAtStart(tailLog(log, from, 5));

  const deadline = performance.now() + READY_SECONDS * 1000;
  while ((await answering(state))?.pid !== server.pid) {
    if (await gone(server, 0)) throw new ExitedAtStart(tailLog(log, from, 5));
    if (performance.now() > deadline)
      throw new UserError(`Redis does not answer within ${READY_SECONDS} s: see ${log}`);
    await sleep(50);
  }
  return server;
}

/**
 * Ablate's own Redis (or Valkey), with its append-only file below `home`: started, or adopted if it already runs. It
 * listens on loopback only, with a password, on the same port at each start. Data that the server cannot read is moved aside,
 * with one line to `say`: every job is in PostgreSQL. Throws UserError, with what to do, if the server cannot start.
 */
export async function startRedis(options: RedisOptions): Promise<Service> {
  try {
    return await startServer(options);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const fault = MACHINE_FAULTS.find(({ log }) => log.test(text));
    if (error instanceof UserError || (fault === undefined && !(error instanceof ExitedAtStart))) throw error;
    const line = text.trim().split('\n').at(-1) ?? '';
    throw new UserError(`Redis does not start in ${options.home}${fault ? `: ${fault.remedy}` : ''} (${line.trim()})`);
  }
}

/** Moves the data of the server aside, in place of what was moved there before. Returns the new folder; null if there is none. */
function moveAside(folder: string): string | null {
  const data = readdirSync(folder).filter((name) => name !== 'redis.conf');
  if (data.length === 0) return null;
  const aside = `${folder}-damaged`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(folder, aside);
  return aside;
}

async function startServer({ say = () => undefined, ...options }: RedisOptions): Promise<Service> {
  makePrivateFolder(options.home);
  const home = realpathSync(options.home);
  const file = join(home, 'redis.json');
  const state = readState(file, State) ?? { port: await freePort(HOST), password: randomBytes(24).toString('hex') };
  writeState(file, state);

  const leftBehind = await answering(state);
  let server = leftBehind;
  for (let tried = 0; !server; tried++) {
    if (!(await isPortFree(state.port, HOST))) state.port = await freePort(HOST);
    writeState(file, state);
    const folder = join(home, 'redis');
    makePrivateFolder(folder);
    const config = join(folder, 'redis.conf');
    writeFileSync(config, configuration(state, folder, options.databases ?? 16), { mode: 0o600 });
    try {
      server = await launch(state, options.binary, config, join(home, 'logs', 'redis.log'));
    } catch (error) {
      if (!(error instanceof ExitedAtStart) || tried >= STARTS_TRIED) throw error;
      if (PORT_TAKEN.test(error.message)) continue;
      if (MACHINE_FAULTS.some(({ log }) => log.test(error.message))) throw error;
      const aside = moveAside(folder);
      if (aside === null) throw error;
      say(
        `Redis cannot read its data, which is moved to ${aside}; it starts empty, and the queue is filled from PostgreSQL`,
      );
    }
  }
  const running = server;
  return {
    url: `redis://:${state.password}@${HOST}:${state.port}`,
    server: running,
    adopted: leftBehind !== null,
    stop: () =>
      end(running, [
        ['SIGTERM', 30], // writes the append-only file out
        ['SIGKILL', 10],
      ]),
  };
}
