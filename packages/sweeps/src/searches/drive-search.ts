/** A search that a caller drives: it asks for configs, and tells what it measured. */
import { type Ask, canonicalHash, type HistoryEntry, Search, type SweepView, type TrialView } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { readSweep } from '../find-sweep.ts';
import { refusal } from '../refusal.ts';
import { type AskKey, commitEntries, namedConfig } from './commit-entries.ts';
import type { Decided } from './decide-task.ts';
import type { Decider, TakeStep } from './decider.ts';
import { findTrial } from './find-trial.ts';
import { searchSource } from './search-source.ts';

type Driven = { sweepId: string; decider: Decider };

const Row = z.object({ search: Search, open: z.boolean(), entries: z.int() });

/** How often a commit is tried that other processes are faster than. */
const MAX_TRIES = 50;

/** How a sweep that is driven stands; `entries`: of its history. Refuses (`not_found`) an unknown id, (`conflict`) another search. */
async function readDriven({ db }: Context, sweepId: string): Promise<z.infer<typeof Row>> {
  const [sweep] = await queryRows(
    db.pool,
    Row,
    `SELECT spec -> 'search' AS search, searching AND cancelled_at IS NULL AS open,
       (SELECT coalesce(max(number) + 1, 0) FROM decision WHERE sweep_id = sweep.id) AS entries
     FROM sweep WHERE id = $1`,
    [sweepId],
  );
  if (sweep === undefined) throw refusal.unknown('sweep', sweepId);
  if (sweep.search.method !== 'ask') throw refusal.notAsked(sweep.search.method);
  return sweep;
}

const Asked = z.object({ request: z.string(), trial: z.int() });

/** The trial that an earlier ask with this key made; undefined if none did. Refuses (`key_reused`) a key of another ask. */
async function askedBefore({ db }: Context, sweepId: string, { key, request }: AskKey): Promise<number | undefined> {
  const [asked] = await queryRows(
    db.pool,
    Asked,
    'SELECT request, trial FROM ask_key WHERE sweep_id = $1 AND key = $2',
    [sweepId, key],
  );
  if (asked && asked.request !== request) throw refusal.askKeyReused(asked.trial);
  return asked?.trial;
}

/** What an attempt gives, in turn with other callers of this process; undefined to try again, since another process was faster. */
const untilCommitted = <Result>(
  { sweepId, decider }: Driven,
  attempt: (take: TakeStep) => Promise<Result | undefined>,
): Promise<Result> =>
  decider.inTurn(sweepId, async (take) => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const result = await attempt(take);
      if (result !== undefined) return result;
    }
    throw refusal.busy('many callers drive this sweep at a time');
  });

/** Commits what follows from news or an ask after so many entries; null if another process was faster. */
const commit = (
  context: Context,
  take: TakeStep,
  {
    sweepId,
    after,
    news = [],
    ask,
    asked,
  }: { sweepId: string; after: number; news?: HistoryEntry[]; ask?: Ask; asked?: AskKey | undefined },
): Promise<Decided | null> =>
  take({ after, news, ...(ask && { ask }) }, searchSource(context, { sweepId, after }), (entries) =>
    commitEntries(context, { sweepId, after, entries, asked }),
  );

/**
 * The next trial of a sweep: the sampler's, or that of a config that the caller gives; a config that was asked for before is the same trial, and so is an ask with a key that made one. Refuses
 * (`not_found`) an unknown id, (`conflict`) a sweep that is not driven or has ended, a space or a budget without another config, (`invalid_parameter`) a config that is not of the space, and
 * (`key_reused`) a key of another ask.
 */
export const askSweep = (
  context: Context,
  { sweepId, decider, ask, key }: Driven & { ask: Ask; key?: string | undefined },
): Promise<TrialView> =>
  untilCommitted({ sweepId, decider }, async (take) => {
    const { open, entries: after } = await readDriven(context, sweepId);
    const asked = key === undefined ? undefined : { key, request: canonicalHash(ask) };
    // After the history was read: a key that is committed meanwhile makes it grow.
    const earlier = asked && (await askedBefore(context, sweepId, asked));
    if (earlier !== undefined) return findTrial(context, { sweepId, trial: earlier });
    if (!open) throw refusal.askEnded();
    const decided = await commit(context, take, { sweepId, after, ask, asked });
    if (decided === null) return undefined;
    if ('refused' in decided) {
      const [first] = decided.refused;
      throw first?.pointer === '' ? refusal.noConfig(first.detail) : refusal.invalidAxes(decided.refused);
    }
    return findTrial(context, { sweepId, trial: 'known' in decided ? decided.known : namedConfig(decided.entries) });
  });

/**
 * Takes the value of a trial that the caller measured. Telling it again changes nothing. Refuses (`not_found`) an unknown sweep or trial, (`conflict`) a trial that workers train, and another value
 * than was told.
 */
export const tellSweep = (
  context: Context,
  { sweepId, decider, trial, value }: Driven & { trial: number; value: number | null },
): Promise<TrialView> =>
  untilCommitted({ sweepId, decider }, async (take) => {
    const { open, entries: after } = await readDriven(context, sweepId);
    const known = await findTrial(context, { sweepId, trial });
    if (known.runs.length > 0) throw refusal.trainedTrial(trial);
    if (known.state !== 'waiting') {
      if (known.value !== value) throw refusal.toldTrial(trial, known.value);
      return known;
    }
    if (!open) throw refusal.askEnded();
    const decided = await commit(context, take, { sweepId, after, news: [{ tell: { config: trial, value } }] });
    return decided === null ? undefined : findTrial(context, { sweepId, trial });
  });

/** Ends a sweep that is driven: runs without a result are dropped. Ending it again changes nothing. Refuses as `tellSweep` does. */
export const finishSweep = (context: Context, { sweepId, decider }: Driven): Promise<SweepView> =>
  untilCommitted({ sweepId, decider }, async (take) => {
    const { open, entries: after } = await readDriven(context, sweepId);
    if (!open) return readSweep(context, sweepId);
    const decided = await commit(context, take, { sweepId, after, news: [{ limit: 'caller' }] });
    return decided === null ? undefined : readSweep(context, sweepId);
  });
