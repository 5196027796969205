/** Inspects one model in a process of its own, on the CPU: a GPU belongs to the run that trains on it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { InspectAnswer, type InspectCommand } from '@ablate/contracts';
import { countOomKills } from './process-memory.ts';
import { explainExit } from './trainer-exit.ts';
import { exitOf, trainerEnvironment } from './trainer-process.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@ablate/trainer/inspect'));

/** What the process answers, or why it ended without an answer. It is killed after `seconds`, and once `signal` is aborted. */
export async function inspectInProcess(
  command: InspectCommand,
  { env, seconds, memory, signal }: { env: NodeJS.ProcessEnv; seconds: number; memory?: number; signal: AbortSignal },
): Promise<InspectAnswer> {
  const oomKills = await countOomKills();
  const child = fork(ENTRY, [], {
    env: trainerEnvironment({ ...env, ABLATE_DEVICE: 'cpu', CUDA_VISIBLE_DEVICES: '' }),
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  const exited = exitOf(child, oomKills, memory);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, seconds * 1000);
  signal.addEventListener('abort', kill, { once: true });
  try {
    const answered = once(child, 'message').then(([message]) => InspectAnswer.parse(message));
    answered.catch(() => undefined); // the exit explains a process that does not start
    const ended = exited.then((exit): InspectAnswer => {
      const why = late ? `it took longer than ${seconds} s` : explainExit(exit).message;
      return { type: 'failed', message: `the inspection failed: ${why}` };
    });
    child.on('error', () => undefined);
    child.send(command, () => undefined);
    return await Promise.race([answered, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    kill();
    await exited;
  }
}
