import type { Counts, SweepView } from '@ablate/contracts';
import type { Database, SweepModel } from '@ablate/db';
import { NO_RUNS, sweepState } from './sweep-state.ts';

/** What of a sweep's row is shown. */
export type SweepRow = Omit<SweepModel, 'spec' | 'idempotencyKey' | 'specHash'>;

/** The columns of `SweepRow` and the spec, for statements of our own. */
export const SWEEP_COLUMNS = `id, name, spec, owner AS "ownerName", priority, max_running AS "maxRunning",
  device_hours AS "deviceHours", created_at AS "createdAt", paused_at AS "pausedAt", cancelled_at AS "cancelledAt"`;

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

export const sweepView = (sweep: SweepRow, counts: Counts = NO_RUNS): SweepView => ({
  id: sweep.id,
  name: sweep.name,
  state: sweepState(counts, { cancelled: sweep.cancelledAt !== null, paused: sweep.pausedAt !== null }),
  counts,
  owner: sweep.ownerName,
  priority: sweep.priority,
  limits: { running: sweep.maxRunning },
  budget: { deviceHours: sweep.deviceHours },
  createdAt: sweep.createdAt.toISOString(),
});
