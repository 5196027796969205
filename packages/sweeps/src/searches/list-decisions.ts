import { decisionWords } from '@ablate/answers';
import { Compare, type DecisionView, HistoryEntry } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { type Page, type PageRequest, readCursor, toPage } from '../page.ts';
import { refusal } from '../refusal.ts';

const Row = z.object({
  number: z.int(),
  at: z.date(),
  kind: z.string(),
  inputs: z.string().nullable(),
  entry: HistoryEntry,
});
const SpecRow = z.object({ compare: Compare.prefault({}) });

/** Kinds that a summary leaves out: there is one for each run. */
const FREQUENT = ['config', 'train', 'result'];

/** A page of the log of a sweep's search, in order; `summary` leaves out configs, trains and results. Refuses (`not_found`) an unknown id. */
export async function listDecisions(
  { db }: Context,
  { sweepId, limit, cursor, summary }: PageRequest & { sweepId: string; summary: boolean },
): Promise<Page<DecisionView>> {
  const after = readCursor(cursor, z.int().min(0)) ?? -1;
  const [spec] = await queryRows(db.pool, SpecRow, `SELECT spec -> 'compare' AS compare FROM sweep WHERE id = $1`, [
    sweepId,
  ]);
  if (spec === undefined) throw refusal.unknown('sweep', sweepId);
  const rows = await queryRows(
    db.pool,
    Row,
    `SELECT number, at, kind, inputs, entry FROM decision
     WHERE sweep_id = $1 AND number > $2 AND kind <> ALL($3::text[]) ORDER BY number LIMIT $4`,
    [sweepId, after, summary ? FREQUENT : [], limit + 1],
  );
  return toPage(
    rows,
    limit,
    ({ number }) => number,
    (row) => ({ ...row, at: row.at.toISOString(), text: decisionWords(row.entry, spec.compare.metric) }),
  );
}
