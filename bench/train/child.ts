/** A measured process: started on its own cores, kept alive between rounds, controlled over stdin and stdout. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Answer, type Ready, type Stepped } from './protocol.ts';

export type Command = { words: string[]; env: Record<string, string> };

export type Child = {
  ready: Ready;
  /** Runs steps and returns their duration. */
  run(steps: number): Promise<Stepped>;
  /** Peak resident memory so far; null if the kernel does not report it. */
  peakMemoryMiB(): number | null;
  end(): Promise<void>;
  /** Kills the process if it is running. */
  kill(): void;
};

const cores = (): number[] => {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
};

/** On Linux, a process is pinned to as many cores as threads, so that no library uses more. */
const pinned = (words: string[], threads: number): string[] =>
  process.platform === 'linux' ? ['taskset', '-c', cores().slice(0, threads).join(','), ...words] : words;

const threadVariables = (threads: number): Record<string, string> =>
  Object.fromEntries(
    ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS', 'ABLATE_THREADS'].map((name) => [
      name,
      String(threads),
    ]),
  );

/** Starts a process on `threads` cores. Its stdout is read in lines; the end of its stderr is kept for an error message. */
export function launch({ words, env }: Command, threads: number) {
  const [file = '', ...rest] = pinned(words, threads);
  const child = spawn(file, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...threadVariables(threads), ...env },
  });
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', stop);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Error(`${file} did not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      process.off('exit', stop);
      reject(new Error(`the process ended with ${signal ?? `code ${code}`}\n${complaint.trim()}`));
    });
  });
  failed.catch(() => {}); // line() rejects instead; a normal exit is not a failure
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await Promise.race([lines.next(), failed]);
    return next.done ? failed : next.value;
  };
  return { child, line };
}

/** Starts a process and waits for its first step. Throws with the end of its stderr if it exits instead. */
export async function startChild(command: Command, threads: number): Promise<Child> {
  const { child, line } = launch(command, threads);
  const answer = async (): Promise<Answer> => {
    for (;;) {
      const text = await line();
      if (text.startsWith('{')) return Answer.parse(JSON.parse(text)); // libraries print what they like
    }
  };
  const ready = await answer();
  if (ready.event !== 'ready') throw new Error('the process reported steps before it was ready');
  return {
    ready,
    async run(steps) {
      child.stdin.write(`${JSON.stringify({ steps })}\n`);
      const stepped = await answer();
      if (stepped.event !== 'stepped') throw new Error('the process reported ready twice');
      if (!Number.isFinite(stepped.loss)) throw new Error('the loss is not finite');
      return stepped;
    },
    peakMemoryMiB() {
      if (process.platform !== 'linux') return null;
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Math.round(Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024);
    },
    async end() {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
