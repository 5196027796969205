/** Entry of every thread: plain JavaScript, since a thread does not inherit the TypeScript loader. */
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();

/**
 * Run the task that the pool's module exports as default.
 * @param {unknown} input
 */
export default async function runTask(input) {
  const task = await import(workerData.module);
  return task.default(input);
}
