/** A process that is measured: started on its own cores, kept alive between rounds, asked over its stdin and stdout. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Answer, type Ready, type Stepped } from './protocol.ts';

export type Command = { words: string[]; env: Record<string, string> };

export type Child = {
  ready: Ready;
  /** Run steps and say how long they took. */
  run(steps: number): Promise<Stepped>;
  /** Largest resident memory so far; null where the kernel does not tell. */
  peakMemoryMiB(): number | null;
  end(): Promise<void>;
  /** End it at once, if it still runs. */
  kill(): void;
};

const cores = (): number[] => {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
};

/** On Linux a process gets exactly as many cores as threads: no library can take more than it was given. */
export const pinned = (words: string[], threads: number): string[] =>
  process.platform === 'linux' ? ['taskset', '-c', cores().slice(0, threads).join(','), ...words] : words;

const threadVariables = (threads: number): Record<string, string> =>
  Object.fromEntries(
    ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS', 'ABLATE_THREADS'].map((name) => [
      name,
      String(threads),
    ]),
  );

/** Start a process on `threads` cores; its stdout is read in lines, the end of its stderr is kept for the error it may end with. */
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
  failed.catch(() => {}); // whoever waits for a line hears of it; an ordinary end is no failure
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await Promise.race([lines.next(), failed]);
    return next.done ? failed : next.value;
  };
  return { child, line };
}

/** Start a process and wait until its first step is done. Throws with the end of its stderr if it ends instead. */
export async function startChild(command: Command, threads: number): Promise<Child> {
  const { child, line } = launch(command, threads);
  const answer = async (): Promise<Answer> => {
    for (;;) {
      const text = await line();
      if (text.startsWith('{')) return Answer.parse(JSON.parse(text)); // libraries print what they like
    }
  };
  const ready = await answer();
  if (ready.event !== 'ready') throw new Error('the process took steps before it said that it is ready');
  return {
    ready,
    async run(steps) {
      child.stdin.write(`${JSON.stringify({ steps })}\n`);
      const stepped = await answer();
      if (stepped.event !== 'stepped') throw new Error('the process said twice that it is ready');
      if (!Number.isFinite(stepped.loss)) throw new Error('the loss is not finite: these steps train nothing');
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
