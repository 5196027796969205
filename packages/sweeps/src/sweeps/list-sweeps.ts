import type { SweepView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { type Page, type PageRequest, readCursor, toPage } from '@ablate/db';
import { z } from 'zod';
import { countRuns, sweepView } from './sweep-view.ts';

const Key = z.tuple([z.iso.datetime(), z.uuid()]);

/** A page of sweeps, newest first. */
export async function listSweeps(db: Database, { limit, cursor }: PageRequest): Promise<Page<SweepView>> {
  const after = readCursor(cursor, Key);
  const rows = await db.prisma.sweep.findMany({
    where: after && {
      OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }],
    },
    omit: { spec: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  });
  const counts = await countRuns(
    db,
    rows.map(({ id }) => id),
  );
  return toPage(
    rows,
    limit,
    (row) => [row.createdAt.toISOString(), row.id],
    (row) => sweepView(row, counts.get(row.id)),
  );
}
