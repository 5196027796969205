/** Has every open search decide on what came in. */
import { type AnswerMetric, type HistoryEntry, isDeciding, RunState } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { commitEntries } from './commit-entries.ts';
import type { Decider } from './decider.ts';
import { StoredSearch, searchSource } from './search-source.ts';

const Open = z.object({
  id: z.string(),
  spec: StoredSearch,
  entries: z.int(),
  hours: z.number(),
  deviceHours: z.number().nullable(),
  usedHours: z.number(),
});
type Open = z.infer<typeof Open>;

const Awaited = z.object({
  run: z.int(),
  state: RunState,
  until: z.int().nullable(),
  reached: z.int().nullable(),
  reachedAccuracy: z.number().nullable(),
  reachedLoss: z.number().nullable(),
  valAccuracy: z.number().nullable(),
  valLoss: z.number().nullable(),
});
type Awaited = z.infer<typeof Awaited>;

/** The result of a run on validation; undefined while there is none, null if there will be none. */
function resultOf(run: Awaited, metric: AnswerMetric): number | null | undefined {
  if (run.state === 'succeeded') return metric === 'loss' ? run.valLoss : run.valAccuracy;
  if (run.state === 'running') return undefined;
  if (run.state !== 'queued') return null;
  if (run.until === null || run.reached === null || run.reached < run.until) return undefined;
  return metric === 'loss' ? run.reachedLoss : run.reachedAccuracy;
}

/** Results in the order in which their runs were asked for, up to the first that is not in: then no decision depends on how fast workers are. */
async function newResults({ db }: Context, { id, spec }: Open): Promise<HistoryEntry[]> {
  const rows = await queryRows(
    db.pool,
    Awaited,
    `SELECT awaited.run, state, until_epoch AS until, reached_epoch AS reached, reached_accuracy AS "reachedAccuracy",
       reached_loss AS "reachedLoss", val_accuracy AS "valAccuracy", val_loss AS "valLoss"
     FROM awaited JOIN run ON run.sweep_id = awaited.sweep_id AND run.position = awaited.run
     WHERE awaited.sweep_id = $1 ORDER BY awaited.number`,
    [id],
  );
  const news: HistoryEntry[] = [];
  for (const row of rows) {
    const value = resultOf(row, spec.compare.metric);
    if (value === undefined) break;
    news.push({ result: { run: row.run, value } });
  }
  return news;
}

/** The budget of time that is used up. Those of runs, epochs and samples are kept by the search itself. */
function reachedLimit({ spec, hours, deviceHours, usedHours }: Open): HistoryEntry[] {
  if (deviceHours !== null && usedHours >= deviceHours) return [{ limit: 'deviceHours' }];
  return hours >= (spec.budget.wallClock ?? Number.POSITIVE_INFINITY) ? [{ limit: 'wallClock' }] : [];
}

const advance = (context: Context, open: Open, decider: Decider): Promise<boolean> =>
  decider.inTurn(open.id, async (take) => {
    const { id: sweepId, entries: after } = open;
    const news = [...(await newResults(context, open)), ...reachedLimit(open)];
    if (after > 0 && news.length === 0) return false;
    const decided = await take({ after, news }, searchSource(context, { sweepId, after }), (entries) =>
      commitEntries(context, { sweepId, after, entries }),
    );
    return decided !== null && 'entries' in decided && decided.entries.length > 0;
  });

/**
 * Has every search decide whose results, or limits, came in. Any process may call it at any time: what two decide at a time is the same, and
 * one of them commits it. Returns whether something was decided. A search that fails does not stop the others; its error is thrown at the end.
 */
export async function advanceSearches(context: Context, decider: Decider): Promise<boolean> {
  const searching = await queryRows(
    context.db.pool,
    Open,
    `SELECT id, spec, (SELECT coalesce(max(number) + 1, 0) FROM decision WHERE sweep_id = sweep.id) AS entries,
       (extract(epoch FROM now() - created_at) / 3600)::float8 AS hours, device_hours AS "deviceHours",
       CASE WHEN device_hours IS NULL THEN 0 ELSE (
         SELECT coalesce(sum(extract(epoch FROM coalesce(attempt.ended_at, now()) - attempt.started_at)) / 3600, 0)::float8
         FROM run JOIN attempt ON attempt.run_id = run.id WHERE run.sweep_id = sweep.id
       ) END AS "usedHours"
     FROM sweep WHERE searching AND cancelled_at IS NULL ORDER BY created_at, id`,
  );
  let decided = false;
  const errors: unknown[] = [];
  for (const open of searching) {
    if (!isDeciding(open.spec.search)) continue;
    try {
      decided = (await advance(context, open, decider)) || decided;
    } catch (error) {
      errors.push(
        new Error(`the search of sweep ${open.id} cannot go on: cancel it, or correct the cause`, { cause: error }),
      );
    }
  }
  if (errors.length > 0) throw errors[0];
  return decided;
}
