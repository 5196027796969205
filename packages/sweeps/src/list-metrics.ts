import { MetricView, text } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';

const Key = z.tuple([text(64), z.int32()]);

/** A page of a run's metrics by name and step; only those with `name`, if given. Refuses (`not_found`) an unknown run id. */
export async function listMetrics(
  context: Context,
  { runId, name, limit, cursor }: PageRequest & { runId: string; name?: string },
): Promise<Page<MetricView>> {
  const after = readCursor(cursor, Key);
  const rows = await queryRows(
    context.db.pool,
    MetricView,
    `SELECT name, step, epoch, value FROM metric_point
     WHERE run_id = $1 AND ($2::text IS NULL OR name = $2) AND ($3::text IS NULL OR (name COLLATE "C", step) > ($3, $4::integer))
     ORDER BY name COLLATE "C", step LIMIT $5`,
    [runId, name ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  if (rows.length === 0) await requireRun(context, runId);
  return toPage(
    rows,
    limit,
    (row) => [row.name, row.step],
    (row) => row,
  );
}
