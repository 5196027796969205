import type { EventView } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** Events whose number is larger than `after`, in order; of a sweep or a run if one is named. */
export async function readEvents(
  { prisma }: Database,
  { after, limit, ...of }: { after: number; limit: number; sweepId?: string; runId?: string },
): Promise<EventView[]> {
  const rows = await prisma.event.findMany({
    where: { ...of, number: { gt: after } },
    orderBy: { number: 'asc' },
    omit: { id: true },
    take: limit,
  });
  return rows.map(({ number, at, ...event }) => ({ ...event, number: Number(number), at: at.toISOString() }));
}

/** The largest number that was given, or 0. */
export async function lastEventNumber({ prisma }: Database): Promise<number> {
  const { _max } = await prisma.event.aggregate({ _max: { number: true } });
  return Number(_max.number ?? 0);
}
