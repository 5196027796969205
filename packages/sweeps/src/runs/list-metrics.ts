import type { MetricView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound, type Page, type PageRequest, readCursor, toPage } from '@ablate/db';
import { z } from 'zod';

const Key = z.tuple([z.string(), z.int()]);

/** A page of a run's metrics by name and step, of one name if one is named. Refuses (`not_found`) a run that is none. */
export async function listMetrics(
  { pool, prisma }: Database,
  { runId, name, limit, cursor }: PageRequest & { runId: string; name?: string },
): Promise<Page<MetricView>> {
  const after = readCursor(cursor, Key);
  const { rows } = await pool.query<MetricView>(
    `SELECT name, step, epoch, value FROM metric_point
     WHERE run_id = $1 AND ($2::text IS NULL OR name = $2) AND ($3::text IS NULL OR (name COLLATE "C", step) > ($3, $4::integer))
     ORDER BY name COLLATE "C", step LIMIT $5`,
    [runId, name ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  if (rows.length === 0 && (await prisma.run.count({ where: { id: runId } })) === 0) throw notFound('run', runId);
  return toPage(
    rows,
    limit,
    (row) => [row.name, row.step],
    (row) => row,
  );
}
