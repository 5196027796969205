import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, makePrivateFolder, type ProcessIdentity, readState, writeState } from '@ablate/files';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Service } from '../keep/service.ts';
import { openLog, tailLog } from '../log-file.ts';
import { freePort, isPortFree } from '../port.ts';
import { end, gone } from '../process.ts';

const HOST = '127.0.0.1';
const READY_SECONDS = 60; // the append-only file is read first
const PORTS_TRIED = 5;

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
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const server = child.pid === undefined ? null : identify(child.pid);
  if (!server) return failed;

  const deadline = performance.now() + READY_SECONDS * 1000;
  while ((await answering(state))?.pid !== server.pid) {
    if (await gone(server, 0))
      throw new Error(`Redis exited during its start. Its log ${log} ends:\n${tailLog(log, from, 5)}`);
    if (performance.now() > deadline) throw new Error(`Redis does not answer; see ${log}`);
    await sleep(50);
  }
  return server;
}

/**
 * Ablate's own Redis (or Valkey), with its append-only file below `home`: started, or adopted if it already runs. It
 * listens on loopback only, with a password, on the same port at each start.
 */
export async function startRedis(options: { home: string; binary: string; databases?: number }): Promise<Service> {
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
      if (tried >= PORTS_TRIED || !/Address already in use|could not create server TCP/i.test(String(error)))
        throw error;
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
