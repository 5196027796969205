/** What a search is opened from, and its history, in the database. */
import { specBaseline } from '@ablate/answers';
import { Compare, HistoryEntry, namesConfigsFirst, Search } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { SearchSource } from './decider.ts';
import { TrainedPart } from './problem.ts';

/** The part of a stored spec by which its search goes on; the rest is kept as it is. */
export const StoredSearch = z.looseObject({
  search: Search,
  compare: Compare.prefault({}),
  baseline: z.record(z.string(), z.unknown()).optional(),
  budget: z.looseObject({ wallClock: z.number().optional() }).default({}),
});

const SpecRow = z.object({ spec: StoredSearch });
const EntryRow = z.object({ entry: HistoryEntry });
const ConfigRow = TrainedPart.extend({ id: z.string(), position: z.int(), axes: z.record(z.string(), z.unknown()) });

/** Of a sweep whose history had `after` entries. */
export const searchSource = (
  { db }: Context,
  { sweepId, after }: { sweepId: string; after: number },
): SearchSource => ({
  async opening() {
    const [row] = await queryRows(db.pool, SpecRow, 'SELECT spec FROM sweep WHERE id = $1', [sweepId]);
    if (row === undefined) throw new Error(`sweep ${sweepId} was deleted`);
    const { spec } = row;
    const configs = namesConfigsFirst(spec.search)
      ? await queryRows(
          db.pool,
          ConfigRow,
          `SELECT id, position, axes, config -> 'dataset' AS dataset, config -> 'train' AS train
           FROM config WHERE sweep_id = $1 ORDER BY position`,
          [sweepId],
        )
      : [];
    const baseline = specBaseline(configs, spec)?.config.position ?? null;
    return { spec, baseline, configs: configs.map(({ dataset, train }) => ({ dataset, train })) };
  },
  async entries(from) {
    const rows = await queryRows(
      db.pool,
      EntryRow,
      'SELECT entry FROM decision WHERE sweep_id = $1 AND number >= $2 ORDER BY number',
      [sweepId, from],
    );
    return from + rows.length === after ? rows.map(({ entry }) => entry) : null;
  },
});
