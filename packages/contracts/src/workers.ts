import type { WorkerView } from './views.ts';

/** Why no run can start: no worker is alive. Null if one is. `workers` begin with the newest heartbeat. */
export function noWorker(workers: readonly Pick<WorkerView, 'state' | 'name' | 'heartbeatAt'>[]): string | null {
  if (workers.some(({ state }) => state === 'alive')) return null;
  const [last] = workers;
  if (last === undefined) return 'no worker has started yet: runs wait for one (`npm start` starts it)';
  const since = `${last.heartbeatAt.slice(0, 19).replace('T', ' ')} UTC`;
  return `no worker since ${since} (${last.name}, ${last.state}): runs wait for one (\`npm start\` starts it)`;
}
