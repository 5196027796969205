/** The duties that one worker does for all: fill the queue, keep it as the database has it, take back what lost workers held, end what is over its budget. */
import { jobId } from '@ablate/contracts';
import {
  askToYield,
  type Database,
  dispatch,
  dispatchedRuns,
  enforceBudgets,
  numberEvents,
  reapLost,
  tryLead,
} from '@ablate/db';
import type { Logger } from 'pino';
import { type Repeated, repeat } from './repeat.ts';
import type { RunQueue } from './run-queue.ts';

const GARBAGE_SECONDS = 3_600;
const NUMBER_SECONDS = 1;

export type LeaderOptions = {
  db: Database;
  queue: RunQueue;
  log: Logger;
  leaseSeconds: number;
  dispatchSeconds: number;
  reconcileSeconds: number;
  /** Jobs waiting in the queue at most: what is not there yet can still be cancelled and reordered cheaply. */
  window: number;
  /** Remove what is stored and no longer wanted. */
  collect: () => Promise<void>;
};

/** Take the lead whenever nobody has it, and do the leader's duties while it is ours. */
export function startLeader({ db, queue, log, window, collect, ...seconds }: LeaderOptions): Repeated {
  /** Whoever is frozen for so long stands in nobody's way. */
  const frozenSeconds = Math.max(1, seconds.leaseSeconds / 3);
  let leadership: Awaited<ReturnType<typeof tryLead>> = null;

  const elect = async (): Promise<void> => {
    if (leadership !== null && (await leadership.held())) return;
    if (leadership !== null) log.warn('no longer leading');
    leadership = null;
    leadership = await tryLead(db, { frozenSeconds });
    if (leadership !== null) log.info('leading');
  };

  const reap = async (): Promise<void> => {
    for (const { runId, attempt, state } of await reapLost(db, { leaseSeconds: seconds.leaseSeconds }))
      log.warn({ runId, attempt, state }, 'no heartbeat within the lease: attempt taken back');
  };

  const fill = async (): Promise<boolean> => {
    const room = window - (await queue.waiting());
    const { jobs, recalled } = await dispatch(db, { window, room, frozenSeconds });
    // A death here leaves the queue other than the database says: reconciling mends it.
    if (recalled.length > 0) await queue.remove(recalled.map(jobId));
    if (jobs.length > 0) await queue.add(jobs);
    if (jobs.length + recalled.length > 0) log.debug({ jobs: jobs.length, recalled: recalled.length }, 'dispatched');
    return jobs.length > 0;
  };

  const reconcile = async (): Promise<void> => {
    // Asked in this order: what is dispatched in between is not taken for something that should not be there.
    const ids = await queue.waitingIds();
    const wanted = await dispatchedRuns(db);
    const known = new Set(wanted.map(jobId));
    const unwanted = ids.filter((id) => !known.has(id));
    if (unwanted.length > 0) {
      await queue.remove(unwanted);
      log.info({ jobs: unwanted.length }, 'removed what the queue should not have');
    }
    const missing = await queue.missing(wanted);
    if (missing.length === 0) return;
    await queue.add(missing);
    log.warn({ jobs: missing.length }, 'added again what the queue had lost');
  };

  const judge = async (): Promise<void> => {
    for (const ended of await enforceBudgets(db)) log.warn(ended, 'device hours are used up: the sweep is ended');
    for (const run of await askToYield(db, { patienceSeconds: seconds.reconcileSeconds }))
      log.info(run, 'asked to make place for a run of higher priority');
  };

  const number = async (): Promise<void> => {
    await numberEvents(db);
  };

  // biome-ignore lint/suspicious/noConfusingVoidType: most duties have nothing to say
  const whenLeading = (duty: () => Promise<boolean | void>) => async () => leadership !== null && duty();
  const duties = [
    repeat('leadership', seconds.dispatchSeconds, elect, log),
    repeat('reaper', seconds.dispatchSeconds, whenLeading(reap), log),
    repeat('dispatcher', seconds.dispatchSeconds, whenLeading(fill), log),
    repeat('event log', NUMBER_SECONDS, whenLeading(number), log),
    repeat('garbage', GARBAGE_SECONDS, whenLeading(collect), log),
    repeat('reconciler', seconds.reconcileSeconds, whenLeading(reconcile), log),
    repeat('limits', seconds.reconcileSeconds, whenLeading(judge), log),
  ];

  return {
    close: async () => {
      await Promise.all(duties.map((duty) => duty.close()));
      await leadership?.release();
    },
  };
}
