/**
 * The duties of the one worker that leads: fill the queue, reconcile it with the database, restore its finished jobs, take
 * back expired attempts, enforce budgets, have searches decide, store answers.
 */
import { jobId } from '@ablate/contracts';
import {
  askToYield,
  type Database,
  dispatch,
  dispatchedRuns,
  enforceBudgets,
  numberEvents,
  openReaper,
  repairOutbox,
  tryLead,
} from '@ablate/db';
import { advanceSearches, localContext, nameJobs, openDecider, type StoreSchedule, storeAnswers } from '@ablate/sweeps';
import type { Logger } from 'pino';
import { finishedJobsKeeper } from './finished-jobs.ts';
import { type Repeated, repeat } from './repeat.ts';
import type { RunQueue } from './run-queue.ts';

const GARBAGE_SECONDS = 3_600;
const NUMBER_SECONDS = 1;
const ANSWER_SECONDS = 1;
const REPAIR_SECONDS = 60;

export type LeaderOptions = {
  db: Database;
  queue: RunQueue;
  log: Logger;
  leaseSeconds: number;
  dispatchSeconds: number;
  reconcileSeconds: number;
  /** Most jobs that wait in the queue: runs that are not dispatched yet are cheap to cancel and reorder. */
  window: number;
  /** Collect garbage in the checkpoint store. */
  collect: () => Promise<void>;
};

/** Lead if no other worker does, and do the leader's duties while leading. */
export function startLeader({ db, queue, log, window, collect, ...seconds }: LeaderOptions): Repeated {
  /** A leader frozen longer than this loses its advisory lock, and a frozen transaction ends. */
  const frozenSeconds = Math.max(1, seconds.leaseSeconds / 3);
  let leadership: Awaited<ReturnType<typeof tryLead>> = null;

  const elect = async (): Promise<void> => {
    if (leadership !== null && (await leadership.held())) return;
    if (leadership !== null) log.warn('no longer leading');
    leadership = null;
    leadership = await tryLead(db, { frozenSeconds });
    if (leadership !== null) log.info('leading');
  };

  const reaper = openReaper(db, {
    leaseSeconds: seconds.leaseSeconds,
    everySeconds: seconds.dispatchSeconds,
    onGap: (message) => log.warn(message),
  });
  const reap = async (): Promise<void> => {
    // Also while another worker leads: this one may lead when the machine wakes up.
    if (leadership === null) return reaper.look();
    for (const { runId, attempt, state } of await reaper.reap())
      log.warn({ runId, attempt, state }, 'lease expired: attempt taken back');
  };

  const fill = async (): Promise<boolean> => {
    const room = window - (await queue.waiting());
    const { jobs, recalled } = await dispatch(db, { window, room, frozenSeconds });
    // A crash here leaves queue and database different; the reconciler repairs that.
    if (recalled.length > 0) await queue.remove(recalled.map(jobId));
    if (jobs.length > 0) await queue.add(await nameJobs(localContext(db), jobs));
    if (jobs.length + recalled.length > 0) log.debug({ jobs: jobs.length, recalled: recalled.length }, 'dispatched');
    return jobs.length > 0;
  };

  const reconcile = async (): Promise<void> => {
    // In this order: a job that is dispatched in between must not count as unwanted.
    const ids = await queue.waitingIds();
    const wanted = await dispatchedRuns(db);
    const known = new Set(wanted.map(jobId));
    const unwanted = ids.filter((id) => !known.has(id));
    if (unwanted.length > 0) {
      await queue.remove(unwanted);
      log.info({ jobs: unwanted.length }, 'removed jobs that are not dispatched from the queue');
    }
    const missing = await queue.missing(wanted);
    if (missing.length === 0) return;
    await queue.add(await nameJobs(localContext(db), missing));
    log.warn({ jobs: missing.length }, 'added jobs that were missing in the queue');
  };

  const repair = async (): Promise<void> => {
    const rows = await repairOutbox(db);
    if (rows > 0) log.warn({ rows }, 'repaired the outbox: it did not match the queued runs');
  };

  const enforceLimits = async (): Promise<void> => {
    for (const ended of await enforceBudgets(db)) log.warn(ended, 'device hours are used up: sweep ended');
    for (const run of await askToYield(db, { patienceSeconds: seconds.reconcileSeconds }))
      log.info(run, 'asked to yield its slot to a run of higher priority');
  };

  const number = async (): Promise<void> => {
    await numberEvents(db);
  };

  const schedule: StoreSchedule = new Map();
  const answer = (): Promise<void> => storeAnswers(localContext(db), schedule);

  const decider = openDecider();
  const search = (): Promise<boolean> => advanceSearches(localContext(db), decider);

  const whenLeading = (duty: () => Promise<unknown>) => async () => leadership !== null && duty();
  const duties = [
    repeat('leadership', seconds.dispatchSeconds, elect, log),
    repeat('reaper', seconds.dispatchSeconds, reap, log),
    repeat('dispatcher', seconds.dispatchSeconds, whenLeading(fill), log),
    repeat('searches', seconds.dispatchSeconds, whenLeading(search), log),
    repeat('event log', NUMBER_SECONDS, whenLeading(number), log),
    repeat('answers', ANSWER_SECONDS, whenLeading(answer), log),
    repeat('garbage', GARBAGE_SECONDS, whenLeading(collect), log),
    repeat('reconciler', seconds.reconcileSeconds, whenLeading(reconcile), log),
    repeat('dashboard', seconds.reconcileSeconds, whenLeading(finishedJobsKeeper(db, queue)), log),
    repeat('outbox', REPAIR_SECONDS, whenLeading(repair), log),
    repeat('limits', seconds.reconcileSeconds, whenLeading(enforceLimits), log),
  ];

  return {
    close: async () => {
      await Promise.all(duties.map((duty) => duty.close()));
      await decider.close();
      await leadership?.release();
    },
  };
}
