/**
 * A trainer: a process of its own, since TensorFlow blocks the event loop, keeps memory, and may be killed for it. The
 * parent holds the database and the queue; the child is given neither, by an environment that names what it may see.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { StopCommand, type TrainCommand, type TrainerCommand, TrainerEvent, TrainerReady } from '@ablate/contracts';
import { isChatter } from '@ablate/engine/chatter';
import type { Logger } from 'pino';
import { residentBytes } from './resident-memory.ts';
import { countOomKills, explainExit, type TrainerExit } from './trainer-exit.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@ablate/trainer'));
const STDERR_KEPT = 16_384;
const LONGEST_START_MS = 120_000;
/** How often a trainer's memory is looked at: to end it at its limit, and to tell how much it was if it runs out. */
const LOOK_MS = 1_000;

/** What a trainer inherits; everything else of the worker's environment, its credentials above all, stays with the worker. */
const INHERITED =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|NODE_EXTRA_CA_CERTS|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy|CUDA_\w+|NVIDIA_\w+|TF_\w+|ONEDNN_\w+|XLA_\w+|OMP_\w+|KMP_\w+|MALLOC_\w+|ABLATE_(HOME|DATA|DEVICE|THREADS|XLA|CHECKPOINT_SECONDS|SIMULATED_\w+))$/;

/** The part of an environment that a trainer may see. */
export const trainerEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => INHERITED.test(name)));

export type Trainer = {
  readonly pid: number;
  /** Train one run. Ends after `finished` or `failed`, or early when the process is gone: then ask `exited` why. */
  train(command: TrainCommand): AsyncGenerator<TrainerEvent, void, void>;
  /** Ask for an orderly end of the current run; it is answered with `failed` and this cause. */
  stop(cause: StopCommand['cause']): void;
  kill(): void;
  readonly alive: boolean;
  /** Resolves once, when the process has ended. Never rejects. */
  readonly exited: Promise<TrainerExit>;
};

/** Every line that the process prints, but for TensorFlow's greetings. */
function lines(stream: Readable | null, hear: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', (line) => line === '' || isChatter(line) || hear(line));
}

/** The most memory that a process was resident with so far, by the kernel's count; null where it keeps none. */
async function peakResident(pid: number | undefined): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

async function exitOf(child: ChildProcess, oomKillsBefore: number, memory: number | undefined): Promise<TrainerExit> {
  let stderr = '';
  let peakBytes: number | null = null;
  let overLimit: number | undefined;
  // A dead process has no memory to ask for.
  const look = setInterval(async () => {
    peakBytes = (await peakResident(child.pid)) ?? peakBytes;
    if (memory === undefined || child.pid === undefined || ((await residentBytes(child.pid)) ?? 0) <= memory) return;
    overLimit = memory;
    child.kill('SIGKILL');
  }, LOOK_MS).unref();
  lines(child.stderr, (line) => {
    stderr = `${stderr}${line}\n`.slice(-STDERR_KEPT);
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...exit) => resolve(exit));
  });
  clearInterval(look);
  return { code, signal, stderr, oomKills: (await countOomKills()) - oomKillsBefore, peakBytes, overLimit };
}

/** Wait until TensorFlow is loaded. Throws with what the process said when it ended instead, or takes too long. */
async function untilReady(child: ChildProcess, exited: Promise<TrainerExit>): Promise<void> {
  const waiting = new AbortController();
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS);
  try {
    const ended = exited.then((exit) => {
      throw new Error(`while it started, ${explainExit(exit).message}`);
    });
    const [message] = await Promise.race([once(child, 'message', { signal: waiting.signal }), ended]);
    TrainerReady.parse(message);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
    waiting.abort();
  }
}

/**
 * Start a trainer, ready to train; `entry` is its module, Ablate's own unless given. Throws when that does not succeed, saying why: no usable device, TensorFlow not set up.
 */
export async function startTrainer({
  env,
  log,
  entry = ENTRY,
  memory,
}: {
  env: NodeJS.ProcessEnv;
  log: Logger;
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
  if (pid === undefined) throw new Error('the trainer process has no id');
  child.on('error', (error) => log.warn({ err: error, pid }, 'trainer process'));
  lines(child.stdout, (line) => log.info({ pid }, `trainer: ${line}`));
  lines(child.stderr, (line) => log.warn({ pid }, `trainer: ${line}`));
  await untilReady(child, exited);
  log.info({ pid }, 'trainer ready');

  const send = (command: TrainerCommand): void => {
    if (child.connected) child.send(command, (error) => error && log.warn({ err: error, pid }, 'trainer not reached'));
  };

  return {
    pid,
    exited,
    get alive() {
      return child.connected && child.exitCode === null && child.signalCode === null;
    },
    async *train(command) {
      if (!child.connected) return;
      // Subscribed before the command is sent: nothing that the trainer says is missed. 'disconnect' comes after the last message.
      const messages = on(child, 'message', { close: ['disconnect'] });
      send(command);
      for await (const [message] of messages) {
        const event = TrainerEvent.parse(message);
        yield event;
        if (event.type === 'finished' || event.type === 'failed') return;
      }
    },
    stop: (cause) => send(StopCommand.parse({ type: 'stop', cause })),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
