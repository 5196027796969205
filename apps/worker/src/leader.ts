/** The duties that one worker does for all: fill the queue, add again what Redis lost, take back what lost workers held. */
import { type Database, markDispatched, reapLost, staleDispatches, takeDispatches, tryLead } from '@ablate/db';
import type { Logger } from 'pino';
import { type Repeated, repeat } from './repeat.ts';
import type { RunQueue } from './run-queue.ts';

export type LeaderOptions = {
  db: Database;
  queue: RunQueue;
  log: Logger;
  leaseSeconds: number;
  dispatchSeconds: number;
  reconcileSeconds: number;
  /** Jobs waiting in the queue at most: what is not there yet can still be cancelled and reordered cheaply. */
  window: number;
};

/** Take the lead whenever nobody has it, and do the leader's duties while it is ours. */
export function startLeader({ db, queue, log, window, ...seconds }: LeaderOptions): Repeated {
  let leadership: Awaited<ReturnType<typeof tryLead>> = null;

  const elect = async (): Promise<void> => {
    if (leadership !== null && (await leadership.held())) return;
    if (leadership !== null) log.warn('no longer leading');
    leadership = null;
    leadership = await tryLead(db, { frozenSeconds: Math.max(1, seconds.leaseSeconds / 3) });
    if (leadership !== null) log.info('leading');
  };

  const reap = async (): Promise<void> => {
    for (const { runId, attempt, state } of await reapLost(db, { leaseSeconds: seconds.leaseSeconds }))
      log.warn({ runId, attempt, state }, 'no heartbeat within the lease: attempt taken back');
  };

  const dispatch = async (): Promise<void> => {
    const room = window - (await queue.waiting());
    if (room <= 0) return;
    const jobs = await takeDispatches(db, room);
    if (jobs.length === 0) return;
    // In this order: a death in between adds the same job twice, which changes nothing.
    await queue.add(jobs);
    await markDispatched(db, jobs);
    log.debug({ jobs: jobs.length }, 'dispatched');
  };

  const reconcile = async (): Promise<void> => {
    const missing = await queue.missing(await staleDispatches(db));
    if (missing.length === 0) return;
    await queue.add(missing);
    log.warn({ jobs: missing.length }, 'added again what the queue had lost');
  };

  const whenLeading = (duty: () => Promise<void>) => async () => {
    if (leadership !== null) await duty();
  };
  const duties = [
    repeat('leadership', seconds.dispatchSeconds, elect, log),
    repeat('reaper', seconds.dispatchSeconds, whenLeading(reap), log),
    repeat('dispatcher', seconds.dispatchSeconds, whenLeading(dispatch), log),
    repeat('reconciler', seconds.reconcileSeconds, whenLeading(reconcile), log),
  ];

  return {
    close: async () => {
      await Promise.all(duties.map((duty) => duty.close()));
      await leadership?.release();
    },
  };
}
