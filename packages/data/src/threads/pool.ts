/**
 * The one way to run TypeScript in threads. A pool runs the default export of one module, named `*-task.ts`: an async function
 * whose input and result are plain data. A task reports expected failures in its result; what it throws rejects `run`, as does
 * the end of its thread.
 */
import { move, Piscina, transferableSymbol, valueSymbol } from 'piscina';

export type Pool<Input, Result> = Pick<Piscina<Input, Result>, 'run' | 'destroy'>;

/** Start a pool. @param module file URL of the task, which must not be the caller's own module */
export function openPool<Input, Result>(module: URL, threads: number): Pool<Input, Result> {
  const pool = new Piscina<Input, Result>({
    filename: new URL('entry.mjs', import.meta.url).href,
    workerData: { module: module.href },
    minThreads: threads,
    maxThreads: threads,
    recordTiming: false,
  });
  // A thread that fails between tasks, say at its start: end the pool, which rejects the tasks that wait for it.
  pool.on('error', () => void pool.destroy());
  return pool;
}

/** A task's result whose buffers are moved to the caller's thread, not copied. */
export const moved = <Result extends object>(result: Result, buffers: readonly ArrayBuffer[]) =>
  move({ [transferableSymbol]: buffers, [valueSymbol]: result });
