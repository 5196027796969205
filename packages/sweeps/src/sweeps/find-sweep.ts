import type { SweepDetail } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound } from '@ablate/db';
import { countRuns, sweepView } from './sweep-view.ts';

/** A sweep with its spec. Refuses (`not_found`) an id that is none. */
export async function findSweep(db: Database, sweepId: string): Promise<SweepDetail> {
  const sweep = await db.prisma.sweep.findUnique({ where: { id: sweepId } });
  if (sweep === null) throw notFound('sweep', sweepId);
  const counts = await countRuns(db, [sweepId]);
  return { ...sweepView(sweep, counts.get(sweepId)), spec: sweep.spec };
}
