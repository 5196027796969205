import { type RunOrder, RunState, type RunView } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { runParts, runView } from './find-run.ts';
import { requireSweep } from './find-sweep.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';

export type RunsFilter = { state?: RunState; configId?: string; order?: RunOrder; descending?: boolean };

/** The values of an expression in a cursor, by its type in SQL. */
const VALUES = { integer: z.int32(), float8: z.number(), text: RunState } as const;
type Type = keyof typeof VALUES;

/** What a list of runs is ordered by. A run without the figure comes last: an accuracy is between 0 and 1. */
const ORDERS: Readonly<Record<RunOrder, (descending: boolean) => { by: string; type: Type }>> = {
  position: () => ({ by: 'run.position', type: 'integer' }),
  config: () => ({ by: '(SELECT position FROM config WHERE config.id = run.config_id)', type: 'integer' }),
  seed: () => ({ by: 'run.seed', type: 'integer' }),
  state: () => ({ by: 'run.state::text', type: 'text' }),
  validation: (descending) => ({ by: `coalesce(run.val_accuracy, ${descending ? -1 : 2})`, type: 'float8' }),
  test: (descending) => ({ by: `coalesce(run.test_accuracy, ${descending ? -1 : 2})`, type: 'float8' }),
  attempts: () => ({ by: 'run.attempt', type: 'integer' }),
};

const KeyRow = z.object({ id: z.string(), key: z.union(Object.values(VALUES)), position: z.int() });

/** A page of a sweep's runs, by position unless `order` is given; only those in `state` and of `configId`, if given. Refuses (`not_found`) an unknown sweep id. */
export async function listRuns(
  context: Context,
  {
    sweepId,
    state,
    configId,
    order = 'position',
    descending = false,
    limit,
    cursor,
  }: PageRequest & RunsFilter & { sweepId: string },
): Promise<Page<RunView>> {
  const { by, type } = ORDERS[order](descending);
  const after = readCursor(cursor, z.tuple([VALUES[type], z.int32().min(0)]));
  const direction = descending ? 'DESC' : 'ASC';
  const keys = await queryRows(
    context.db.pool,
    KeyRow,
    `SELECT run.id, to_jsonb(${by}) AS key, run.position FROM run
     WHERE run.sweep_id = $1 AND ($2::run_state IS NULL OR run.state = $2) AND ($6::uuid IS NULL OR run.config_id = $6)
       AND ($3::text IS NULL OR (${by}, run.position) ${descending ? '<' : '>'} ($3::text::${type}, $4::integer))
     ORDER BY ${by} ${direction}, run.position ${direction} LIMIT $5`,
    [sweepId, state ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1, configId ?? null],
  );
  if (keys.length === 0) await requireSweep(context, sweepId);
  const page = toPage(
    keys,
    limit,
    ({ key, position }) => [key, position],
    ({ id }) => id,
  );
  const rows = await context.db.prisma.run.findMany({ where: { id: { in: page.items } }, include: runParts });
  const runs = new Map(rows.map((row) => [row.id, row]));
  return {
    ...page,
    items: page.items.flatMap((id) => {
      const run = runs.get(id);
      return run === undefined ? [] : [runView(run)];
    }),
  };
}
