import type { Counts, SweepView } from '@ablate/contracts';
import type { Database } from '../database.ts';
import type { SweepModel } from '../generated/models.ts';
import { NO_RUNS, sweepState } from './sweep-state.ts';

/** Runs in each state, for each of these sweeps. */
export async function countRuns({ prisma }: Database, sweepIds: string[]): Promise<Map<string, Counts>> {
  const groups = await prisma.run.groupBy({
    by: ['sweepId', 'state'],
    where: { sweepId: { in: sweepIds } },
    _count: true,
  });
  const counts = new Map(sweepIds.map((id): [string, Counts] => [id, { ...NO_RUNS }]));
  for (const { sweepId, state, _count } of groups) {
    const of = counts.get(sweepId);
    if (of) of[state] = _count;
  }
  return counts;
}

export const sweepView = (sweep: Omit<SweepModel, 'spec'>, counts: Counts = NO_RUNS): SweepView => ({
  id: sweep.id,
  name: sweep.name,
  state: sweepState(counts, sweep.cancelledAt !== null),
  counts,
  createdAt: sweep.createdAt.toISOString(),
});
