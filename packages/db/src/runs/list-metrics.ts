import type { MetricView } from '@ablate/contracts';
import { z } from 'zod';
import { type Page, type PageRequest, readCursor, toPage } from '../cursor.ts';
import type { Database } from '../database.ts';
import { notFound } from '../refusal.ts';

const Key = z.tuple([z.string(), z.int()]);

/** A page of a run's metrics by name and step, of one name if one is named. Refuses (`not_found`) a run that is none. */
export async function listMetrics(
  { prisma }: Database,
  { runId, name, limit, cursor }: PageRequest & { runId: string; name?: string },
): Promise<Page<MetricView>> {
  const after = readCursor(cursor, Key);
  const rows = await prisma.metric.findMany({
    where: {
      runId,
      name,
      OR: after && [{ name: { gt: after[0] } }, { name: after[0], step: { gt: after[1] } }],
    },
    select: { name: true, step: true, epoch: true, value: true },
    orderBy: [{ name: 'asc' }, { step: 'asc' }],
    take: limit + 1,
  });
  if (rows.length === 0 && (await prisma.run.count({ where: { id: runId } })) === 0) throw notFound('run', runId);
  return toPage(
    rows,
    limit,
    (row) => [row.name, row.step],
    (row) => row,
  );
}
