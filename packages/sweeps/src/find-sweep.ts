import type { SweepDetail, SweepView } from '@ablate/contracts';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';
import { readItems } from './sweep-items.ts';

/** A sweep with its spec. Refuses (`not_found`) an unknown id. */
export async function findSweep(context: Context, sweepId: string): Promise<SweepDetail> {
  const sweep = await context.db.prisma.sweep.findUnique({ where: { id: sweepId }, select: { spec: true } });
  const item = (await readItems(context, [sweepId])).get(sweepId);
  if (sweep === null || item === undefined) throw refusal.unknown('sweep', sweepId);
  return { ...item, spec: sweep.spec };
}

/** A sweep as the verbs return it. Refuses (`not_found`) an unknown id. */
export async function readSweep(context: Context, sweepId: string): Promise<SweepView> {
  const item = (await readItems(context, [sweepId])).get(sweepId);
  if (item === undefined) throw refusal.unknown('sweep', sweepId);
  const { varies: _varies, verdict: _verdict, deviceSeconds: _seconds, secondsLeft: _left, ...view } = item;
  return view;
}

/** Refuses (`not_found`) an unknown sweep id. */
export async function requireSweep({ db }: Context, sweepId: string): Promise<void> {
  if ((await db.prisma.sweep.count({ where: { id: sweepId } })) === 0) throw refusal.unknown('sweep', sweepId);
}
