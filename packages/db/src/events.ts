/** The event log. */
import type { EventView } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from './database.ts';
import { queryRows } from './rows.ts';

/** Events numbered per statement, which bounds how long it holds its locks. */
const BATCH = 10_000;

const Row = z.object({ given: z.int() });

/**
 * Numbers every committed event, in order and without gaps, and records which sweeps finished with them.
 * Any process may call it at any time: one does the work, the others return at once.
 * @returns how many events were numbered
 */
export async function numberEvents({ pool }: Database): Promise<number> {
  let total = 0;
  for (;;) {
    const [row] = await queryRows(pool, Row, 'SELECT number_events($1) AS given', [BATCH]);
    const given = row?.given ?? 0;
    total += given;
    if (given < BATCH) return total;
  }
}

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
