/** A search that a caller drives: it asks for configs, and tells what it measured. */
import { type Ask, HistoryEntry, type SweepView, type TrialView } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { readSweep } from '../find-sweep.ts';
import { refusal } from '../refusal.ts';
import { StoredSearch } from './advance-searches.ts';
import { commitEntries } from './commit-entries.ts';
import type { NewEntry } from './decide-task.ts';
import type { Decider } from './decider.ts';
import { findTrial } from './find-trial.ts';

type Driven = { sweepId: string; decider: Decider };

const Sweep = z.object({ spec: StoredSearch, open: z.boolean() });
const Row = z.object({ entry: HistoryEntry });

/** How often a commit is tried that others are faster than. */
const MAX_TRIES = 50;

/** The history of a sweep that is driven. Refuses (`not_found`) an unknown id, (`conflict`) another search. */
async function readDriven({ db }: Context, sweepId: string) {
  const [sweep] = await queryRows(
    db.pool,
    Sweep,
    'SELECT spec, searching AND cancelled_at IS NULL AS open FROM sweep WHERE id = $1',
    [sweepId],
  );
  if (sweep === undefined) throw refusal.unknown('sweep', sweepId);
  const { search } = sweep.spec;
  if (search.method !== 'ask') throw refusal.notAsked(search.method);
  const rows = await queryRows(db.pool, Row, 'SELECT entry FROM decision WHERE sweep_id = $1 ORDER BY number', [
    sweepId,
  ]);
  return { ...sweep, search, history: rows.map(({ entry }) => entry) };
}

/** The number of the config that these entries name. */
function namedConfig(entries: readonly NewEntry[]): number | null {
  for (const { entry } of entries)
    if ('decision' in entry && entry.decision.kind === 'config') return entry.decision.config;
  return null;
}

/** What an attempt to commit gives; undefined to try again, since another commit was faster. */
async function untilCommitted<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw refusal.busy('many callers drive this sweep at a time');
}

/**
 * The next trial of a sweep: the sampler's, or that of a config that the caller gives; a config that was asked for before is the same trial. Refuses (`not_found`) an unknown id, (`conflict`) a
 * sweep that is not driven or has ended, a space or a budget without another config, and (`invalid_parameter`) a config that is not of the space.
 */
export const askSweep = (context: Context, { sweepId, decider, ask }: Driven & { ask: Ask }): Promise<TrialView> =>
  untilCommitted(async () => {
    const { spec, search, open, history } = await readDriven(context, sweepId);
    if (!open) throw refusal.askEnded();
    const decided = await decider.decide({ spec, configs: [], baseline: null, history, news: [], ask });
    if ('known' in decided) return findTrial(context, { sweepId, trial: decided.known });
    if ('refused' in decided) {
      const [first] = decided.refused;
      throw first?.pointer === '' ? refusal.noConfig(first.detail) : refusal.invalidAxes(decided.refused);
    }
    const { entries } = decided;
    const trial = namedConfig(entries);
    if (trial === null) throw new Error('a search that was asked for a config names none');
    if (trial >= search.samples) throw refusal.noConfig(`all ${search.samples} samples of the spec are asked for`);
    const committed = await commitEntries(context, { sweepId, after: history.length, entries });
    return committed ? findTrial(context, { sweepId, trial }) : undefined;
  });

/**
 * Takes the value of a trial that the caller measured. Telling it again changes nothing. Refuses (`not_found`) an unknown sweep or trial, (`conflict`) a trial that workers train, and another value
 * than was told.
 */
export const tellSweep = (
  context: Context,
  { sweepId, decider, trial, value }: Driven & { trial: number; value: number | null },
): Promise<TrialView> =>
  untilCommitted(async () => {
    const { spec, open, history } = await readDriven(context, sweepId);
    const known = await findTrial(context, { sweepId, trial });
    if (known.runs.length > 0) throw refusal.trainedTrial(trial);
    if (known.state !== 'waiting') {
      if (known.value !== value) throw refusal.toldTrial(trial, known.value);
      return known;
    }
    if (!open) throw refusal.askEnded();
    const news = [{ tell: { config: trial, value } }];
    const decided = await decider.decide({ spec, configs: [], baseline: null, history, news });
    if (!('entries' in decided)) throw new Error('only an ask is refused');
    const committed = await commitEntries(context, { sweepId, after: history.length, entries: decided.entries });
    return committed ? findTrial(context, { sweepId, trial }) : undefined;
  });

/** Ends a sweep that is driven: runs without a result are dropped. Ending it again changes nothing. Refuses as `tellSweep` does. */
export const finishSweep = (context: Context, { sweepId, decider }: Driven): Promise<SweepView> =>
  untilCommitted(async () => {
    const { spec, open, history } = await readDriven(context, sweepId);
    if (!open) return readSweep(context, sweepId);
    const news = [{ limit: 'caller' as const }];
    const decided = await decider.decide({ spec, configs: [], baseline: null, history, news });
    if (!('entries' in decided)) throw new Error('only an ask is refused');
    const committed = await commitEntries(context, { sweepId, after: history.length, entries: decided.entries });
    return committed ? readSweep(context, sweepId) : undefined;
  });
