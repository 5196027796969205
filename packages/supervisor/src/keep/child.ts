import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { identify, type ProcessIdentity } from '@ablate/files';
import { openLog, tailLog } from '../log-file.ts';
import { backOff, inSeconds } from './back-off.ts';
import { watchBeats } from './beat.ts';

export type ChildOptions = {
  /** In lines for the user. */
  name: string;
  module: string;
  /** Options of node, such as `--import`. */
  nodeArguments: string[];
  /** Called for each start. */
  env: () => NodeJS.ProcessEnv;
  cwd: string;
  log: string;
  /** Milliseconds from SIGTERM to SIGKILL. */
  graceMs: number;
  say: (line: string) => void;
};

export type KeptChild = {
  identity: () => ProcessIdentity | null;
  /** How often it has ended by itself. */
  crashes: () => number;
  /** The last lines of its log since its last start. */
  lastLines: () => string;
  /** Ends it and starts it again, with a new environment. */
  restart: () => void;
  /** Ends it for good, and waits for it. */
  stop: () => Promise<void>;
};

const LINES = 8;

/**
 * Keeps a Node process running: when it ends, a line is reported, and it is started again after a back-off. It has an IPC
 * channel, sends beats over it (`sendBeats`) and must exit when it closes; a process without beats is killed. It has its own
 * process group, so that Ctrl-C reaches the supervisor alone.
 */
export function keepChild(options: ChildOptions): KeptChild {
  const { name, log, say } = options;
  const pause = backOff();
  let child: ChildProcess | null = null;
  let ended: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let crashes = 0;
  let logFrom = 0;
  let stopping = false;
  let restarting = false;

  function start(): void {
    const output = openLog(log);
    logFrom = fstatSync(output).size;
    child = fork(options.module, {
      cwd: options.cwd,
      env: options.env(),
      execArgv: options.nodeArguments,
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
    });
    closeSync(output);
    pause.started();
    const current = child;
    const endWatch = watchBeats(current, (seconds) => {
      say(`${name} has been stuck for ${seconds} s: killing it`);
      current.kill('SIGKILL'); // a stuck event loop handles no other signal
    });
    ended = new Promise((resolve) => {
      const onGone = (how: string): void => {
        endWatch();
        onEnd(how, resolve);
      };
      current.once('error', (error) => onGone(error.message)); // it could not be started
      current.once('exit', (code, signal) => onGone(signal ? `was killed by ${signal}` : `exited with code ${code}`));
    });
  }

  function onEnd(how: string, resolve: () => void): void {
    if (child === null) return;
    child = null;
    resolve();
    if (stopping) return;
    if (restarting) {
      restarting = false;
      start();
      return;
    }
    crashes++;
    const wait = pause.next();
    say(`${name} ${how}; restarting in ${inSeconds(wait)} (log: ${log})`);
    timer = setTimeout(start, wait);
  }

  async function end(): Promise<void> {
    child?.kill('SIGTERM');
    const hard = setTimeout(() => {
      say(`${name} did not exit within ${inSeconds(options.graceMs)}; killing it`);
      child?.kill('SIGKILL');
    }, options.graceMs);
    await ended;
    clearTimeout(hard);
  }

  start();
  return {
    identity: () => (child?.pid === undefined ? null : identify(child.pid)),
    crashes: () => crashes,
    lastLines: () => tailLog(log, logFrom, LINES),
    restart: () => {
      if (!child || stopping) return; // the next start reads the new environment
      restarting = true;
      void end();
    },
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      if (child) await end();
    },
  };
}
