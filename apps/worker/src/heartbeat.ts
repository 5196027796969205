/** The heartbeat of this worker, from which everybody sees that it is alive. Its attempts have leases of their own. */
import { beatWorker, type Database, installationId, registerWorker, stopWorker, type WorkerFacts } from '@ablate/db';
import type { Logger } from 'pino';
import { type Repeated, repeat } from './repeat.ts';

/**
 * Beat until closed; then the worker counts as stopped. `onMove` is called if the database has another id than
 * `installation`, from which the name of the queue follows: another database, or a restored one, answers at its address.
 */
export function keepHeartbeat(
  db: Database,
  worker: WorkerFacts,
  options: { installation: string; beatSeconds: number; log: Logger; onMove: () => void },
): Repeated {
  let id: string | undefined;
  const beating = repeat(
    'heartbeat of the worker',
    options.beatSeconds,
    async () => {
      if (id !== undefined && (await beatWorker(db, id))) return;
      if ((await installationId(db)) === options.installation) id = await registerWorker(db, worker);
      else options.onMove();
    },
    options.log,
  );
  return {
    close: async () => {
      await beating.close();
      if (id === undefined) return;
      await stopWorker(db, id).catch((error: unknown) => {
        options.log.warn({ err: error }, 'cannot record that the worker stopped: it counts as lost');
      });
    },
  };
}
