import { type SweepItem, type SweepOrder, type SweepState, text } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';
import { readItems } from './sweep-items.ts';

export type SweepFilter = {
  state?: SweepState;
  owner?: string;
  /** Part of the name or of the owner, or the start of the id. */
  search?: string;
  order?: SweepOrder;
};

/** PostgreSQL has no year 0. */
const Time = z.iso.datetime({ offset: true }).refine((time) => time >= '0001');

/** What a list is ordered by: an expression, its direction, and the type of its value in a cursor. */
const ORDERS = {
  newest: { by: 'sweep.created_at', direction: 'DESC', type: 'timestamptz', value: Time },
  oldest: { by: 'sweep.created_at', direction: 'ASC', type: 'timestamptz', value: Time },
  name: { by: 'sweep.name', direction: 'ASC', type: 'text', value: text(200) },
  cost: { by: 'sweep.device_seconds', direction: 'DESC', type: 'float8', value: z.number() },
} as const satisfies Record<SweepOrder, { by: string; direction: 'ASC' | 'DESC'; type: string; value: z.ZodType }>;

const BEGUN = `EXISTS (SELECT FROM run WHERE run.sweep_id = sweep.id AND run.state <> 'queued')`;

/** Few of many sweeps: they are found by index, and asked one by one. */
const UNFINISHED =
  'sweep.cancelled_at IS NULL AND sweep.id IN (SELECT unfinished_sweeps()) AND NOT sweep_finished(sweep.id)';

/** The states of `sweepState` as conditions. */
const STATES: Readonly<Record<SweepState, string>> = {
  cancelled: 'sweep.cancelled_at IS NOT NULL',
  finished: 'sweep.cancelled_at IS NULL AND sweep_finished(sweep.id)',
  paused: `${UNFINISHED} AND sweep.paused_at IS NOT NULL`,
  running: `${UNFINISHED} AND sweep.paused_at IS NULL AND ${BEGUN}`,
  queued: `${UNFINISHED} AND sweep.paused_at IS NULL AND NOT ${BEGUN}`,
};

const KeyRow = z.object({ id: z.string(), key: z.unknown() });

/** A page of sweeps, newest first unless `order` is given. */
export async function listSweeps(
  context: Context,
  { limit, cursor, state, owner, search, order = 'newest' }: PageRequest & SweepFilter,
): Promise<Page<SweepItem>> {
  const { by, direction, type, value } = ORDERS[order];
  const after = readCursor(cursor, z.tuple([value, z.uuid()]));
  const keys = await queryRows(
    context.db.pool,
    KeyRow,
    `SELECT sweep.id, to_jsonb(${by}) AS key FROM sweep
     WHERE ($1::${type} IS NULL OR (${by}, sweep.id) ${direction === 'ASC' ? '>' : '<'} ($1, $2::uuid))
       AND ($3::text IS NULL OR sweep.owner = $3)
       AND ($4::text IS NULL OR strpos(lower(sweep.name), lower($4)) > 0 OR strpos(lower(sweep.owner), lower($4)) > 0
         OR starts_with(sweep.id::text, lower($4)))
       ${state === undefined ? '' : `AND ${STATES[state]}`}
     ORDER BY ${by} ${direction}, sweep.id ${direction} LIMIT $5`,
    [after?.[0] ?? null, after?.[1] ?? null, owner ?? null, search ?? null, limit + 1],
  );
  const items = await readItems(
    context,
    keys.slice(0, limit).map(({ id }) => id),
  );
  const page = toPage(
    keys,
    limit,
    ({ id, key }) => [key, id],
    ({ id }) => items.get(id),
  );
  // A sweep that was deleted between the two statements is left out.
  return { ...page, items: page.items.filter((item) => item !== undefined) };
}
