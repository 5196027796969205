/**
 * The worker's end of the trainer's protocol. A trainer is a process of its own: TensorFlow blocks the event loop, keeps
 * memory, and may be killed for it. Only the worker has the credentials of database and queue. The messages are in
 * `packages/contracts/src/trainer.ts`, the trainer's end in `packages/training/src/serve.ts`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  isLastEvent,
  StopCommand,
  type TrainCommand,
  type TrainerCommand,
  TrainerEvent,
  TrainerReady,
} from '@ablate/contracts';
import { isChatter } from '@ablate/engine/chatter';
import { EngineVariables } from '@ablate/engine/env';
import { TrainerVariables } from '@ablate/training/env';
import type { Logger } from 'pino';
import { countOomKills, peakResidentBytes, residentBytes } from './process-memory.ts';
import { explainExit, type TrainerExit } from './trainer-exit.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@ablate/trainer'));
const STDERR_KEPT = 16_384;
const START_TIMEOUT_MS = 120_000;
/** Interval at which a trainer's memory is measured: for its limit, and for the message if memory runs out. */
const MEMORY_INTERVAL_MS = 1_000;

/** Variables of Ablate that a trainer reads. */
const TRAINER_VARIABLES: ReadonlySet<string> = new Set([
  ...Object.keys(TrainerVariables.shape),
  ...Object.keys(EngineVariables.shape),
]);

/** Variables of the system, of CUDA, of TensorFlow and of the simulated trainer. */
const FOREIGN_VARIABLES =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|NODE_EXTRA_CA_CERTS|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy|CUDA_\w+|NVIDIA_\w+|TF_\w+|ONEDNN_\w+|XLA_\w+|OMP_\w+|KMP_\w+|MALLOC_\w+|ABLATE_SIMULATED_\w+)$/;

/** The variables that a trainer inherits. Everything else, above all the worker's credentials, stays with the worker. */
export const trainerEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => TRAINER_VARIABLES.has(name) || FOREIGN_VARIABLES.test(name)),
  );

export type Trainer = {
  readonly pid: number;
  /** What it reported when it was ready. */
  readonly ready: TrainerReady;
  /**
   * Train one run. Ends after `finished` or `failed`, or early if the process exits: then `exited` has the reason.
   * `onLine` receives the lines that the process prints meanwhile.
   */
  train(command: TrainCommand, onLine?: (line: string) => void): AsyncGenerator<TrainerEvent, void, void>;
  /** Request a stop of the current run; the trainer answers with `failed` and this cause. */
  stop(cause: StopCommand['cause']): void;
  kill(): void;
  /** False from `kill` on. */
  readonly alive: boolean;
  /** Resolves when the process has exited. Never rejects. */
  readonly exited: Promise<TrainerExit>;
};

/** Call `onLine` for every line of the stream, except TensorFlow's start-up messages. */
function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', (line) => line === '' || isChatter(line) || onLine(line));
}

/** Resolves with how the process exited. Kills it once it holds more than `memory` resident bytes. */
export async function exitOf(
  child: ChildProcess,
  oomKillsBefore: number,
  memory: number | undefined,
): Promise<TrainerExit> {
  let stderr = '';
  let peakBytes: number | null = null;
  let overLimit: number | undefined;
  // Measured while it is alive: the kernel keeps nothing of a process that has exited.
  const measuring = setInterval(async () => {
    if (child.pid === undefined) return;
    peakBytes = (await peakResidentBytes(child.pid)) ?? peakBytes;
    if (memory === undefined || ((await residentBytes(child.pid)) ?? 0) <= memory) return;
    overLimit = memory;
    child.kill('SIGKILL');
  }, MEMORY_INTERVAL_MS).unref();
  readLines(child.stderr, (line) => {
    stderr = `${stderr}${line}\n`.slice(-STDERR_KEPT);
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...exit) => resolve(exit));
  });
  clearInterval(measuring);
  return { code, signal, stderr, oomKills: (await countOomKills()) - oomKillsBefore, peakBytes, overLimit };
}

/** Wait for the `ready` message. Throws with the process's last output if it exits instead or exceeds START_TIMEOUT_MS. */
async function untilReady(child: ChildProcess, exited: Promise<TrainerExit>): Promise<TrainerReady> {
  const waiting = new AbortController();
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  try {
    const ended = exited.then((exit) => {
      throw new Error(`during start-up, ${explainExit(exit).message}`);
    });
    const [message] = await Promise.race([once(child, 'message', { signal: waiting.signal }), ended]);
    return TrainerReady.parse(message);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
    waiting.abort();
  }
}

/** Start a trainer and wait until it is ready. Throws the reason if it cannot start: no usable device, TensorFlow not set up. */
export async function startTrainer({
  env,
  log,
  entry = ENTRY,
  memory,
}: {
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** Its module; by default Ablate's. */
  entry?: string;
  /** Resident bytes above which it is killed. */
  memory?: number;
}): Promise<Trainer> {
  const oomKills = await countOomKills();
  const child = fork(entry, [], {
    env: trainerEnvironment(env),
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = exitOf(child, oomKills, memory);
  await once(child, 'spawn');
  const pid = child.pid;
  if (pid === undefined) throw new Error('the trainer process has no pid');
  child.on('error', (error) => log.warn({ err: error, pid }, 'trainer process'));
  let listener: ((line: string) => void) | undefined;
  const pass = (level: 'info' | 'warn') => (line: string) => {
    log[level]({ pid }, `trainer: ${line}`);
    listener?.(line);
  };
  readLines(child.stdout, pass('info'));
  readLines(child.stderr, pass('warn'));
  const ready = await untilReady(child, exited);
  log.info({ pid }, 'trainer ready');

  const send = (command: TrainerCommand): void => {
    if (child.connected)
      child.send(command, (error) => error && log.warn({ err: error, pid }, 'a command did not reach the trainer'));
  };

  return {
    pid,
    ready,
    exited,
    get alive() {
      return child.connected && !child.killed && child.exitCode === null && child.signalCode === null;
    },
    async *train(command, onLine) {
      if (!child.connected) return;
      listener = onLine;
      // Subscribed before the command is sent, so that no event is missed. 'disconnect' follows the last message.
      const messages = on(child, 'message', { close: ['disconnect'] });
      send(command);
      for await (const [message] of messages) {
        const event = TrainerEvent.parse(message);
        yield event;
        if (isLastEvent(event)) return;
      }
    },
    stop: (cause) => send(StopCommand.parse({ type: 'stop', cause })),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
