import type { EventView } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** Events with a number above `after`, in order; only those of `sweepId` or `runId`, if given. */
export async function readEvents(
  { prisma }: Database,
  { after, limit, ...filter }: { after: number; limit: number; sweepId?: string; runId?: string },
): Promise<EventView[]> {
  const rows = await prisma.event.findMany({
    where: { ...filter, number: { gt: after } },
    orderBy: { number: 'asc' },
    omit: { id: true },
    take: limit,
  });
  return rows.map(({ number, at, ...event }) => ({ ...event, number: Number(number), at: at.toISOString() }));
}

/** The highest event number, or 0. */
export async function lastEventNumber({ prisma }: Database): Promise<number> {
  const { _max } = await prisma.event.aggregate({ _max: { number: true } });
  return Number(_max.number ?? 0);
}
