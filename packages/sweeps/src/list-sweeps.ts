import type { SweepView } from '@ablate/contracts';
import { z } from 'zod';
import type { Context } from './context.ts';
import { allQueued, readProgress, sweepView } from './find-sweep.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';

/** PostgreSQL has no year 0. */
const Time = z.iso.datetime().refine((time) => time >= '0001');
const Key = z.tuple([Time, z.uuid()]);

/** A page of sweeps, newest first. */
export async function listSweeps(context: Context, { limit, cursor }: PageRequest): Promise<Page<SweepView>> {
  const after = readCursor(cursor, Key);
  const rows = await context.db.prisma.sweep.findMany({
    where: after && {
      OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }],
    },
    omit: { spec: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  });
  const progress = await readProgress(
    context,
    rows.map(({ id }) => id),
  );
  return toPage(
    rows,
    limit,
    (row) => [row.createdAt.toISOString(), row.id],
    (row) => sweepView(row, progress.get(row.id) ?? allQueued(0)),
  );
}
