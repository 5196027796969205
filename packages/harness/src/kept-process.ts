/** An API or worker process that a test or benchmark kills, freezes and restarts. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const LOG_KEPT = 200_000;

export type KeptProcess = {
  readonly name: string;
  /** Start it if it is not running. */
  start(): void;
  /** Send a signal; does nothing if it is not running. */
  signal(name: NodeJS.Signals): void;
  /** Send a signal and wait for the exit: returns its exit code or the signal. */
  end(name: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null>;
  readonly alive: boolean;
  readonly pid: number | undefined;
  /** The last 200,000 characters of its output, over all starts. */
  log(): string;
  /** Its output since the last start. */
  logSinceStart(): string;
  /** Process ids of its children. */
  children(): number[];
};

/** A process of `entry`, not started yet; `env` is called at each start. */
export function keptProcess(name: string, entry: string, env: () => NodeJS.ProcessEnv): KeptProcess {
  let child: ChildProcess | undefined;
  let exited: Promise<number | string | null> = Promise.resolve(null);
  let [text, before] = ['', 0];

  const alive = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const signal = (what: NodeJS.Signals) => void (alive() && child?.kill(what));

  return {
    name,
    start: () => {
      if (alive()) return;
      const started = fork(entry, [], {
        execArgv: ['--import', import.meta.resolve('tsx')],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: env(),
      });
      before = text.length;
      for (const stream of [started.stdout, started.stderr])
        stream?.on('data', (part) => {
          text += part;
          const surplus = Math.max(0, text.length - LOG_KEPT);
          text = text.slice(surplus);
          before = Math.max(0, before - surplus);
        });
      exited = once(started, 'exit').then(([code, by]: (number | string | null)[]) => code ?? by ?? null);
      child = started;
    },
    signal,
    end: async (what) => {
      signal('SIGCONT');
      signal(what);
      return exited;
    },
    get alive() {
      return alive();
    },
    get pid() {
      return alive() ? child?.pid : undefined;
    },
    log: () => text,
    logSinceStart: () => text.slice(before),
    children: () => {
      const pid = child?.pid;
      if (!alive() || pid === undefined) return [];
      const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
      return list.split(' ').filter(Boolean).map(Number);
    },
  };
}
