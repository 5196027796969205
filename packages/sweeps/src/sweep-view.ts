import { Counts, isFinished, RunState, type SweepDetail, type SweepState, type SweepView } from '@ablate/contracts';
import { type Queryable, queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

/** What the API shows of a sweep's row. */
export const SweepRow = z.object({
  id: z.string(),
  name: z.string(),
  ownerName: z.string(),
  priority: z.int(),
  maxRunning: z.int().nullable(),
  deviceHours: z.number().nullable(),
  createdAt: z.date(),
  pausedAt: z.date().nullable(),
  cancelledAt: z.date().nullable(),
});
type SweepRow = z.infer<typeof SweepRow>;

/** The columns of `SweepRow`. */
export const SWEEP_COLUMNS = `id, name, owner AS "ownerName", priority, max_running AS "maxRunning",
  device_hours AS "deviceHours", created_at AS "createdAt", paused_at AS "pausedAt", cancelled_at AS "cancelledAt"`;

/** The runs of a sweep in each state, and whether it has work left. */
type Progress = { counts: Counts; finished: boolean };

const ProgressRow = z.object({ sweepId: z.string(), finished: z.boolean(), ...Counts.shape });

/** The progress of each of these sweeps. */
export const readProgress = ({ db }: Context, sweepIds: string[]): Promise<Map<string, Progress>> =>
  progressOf(db.pool, sweepIds);

async function progressOf(db: Queryable, sweepIds: string[]): Promise<Map<string, Progress>> {
  const counts = RunState.options.map((state) => `count(*) FILTER (WHERE run.state = '${state}')::integer AS ${state}`);
  const rows = await queryRows(
    db,
    ProgressRow,
    `SELECT sweep.id AS "sweepId", sweep_finished(sweep.id) AS finished, ${counts.join(', ')}
     FROM sweep LEFT JOIN run ON run.sweep_id = sweep.id WHERE sweep.id = ANY($1::uuid[]) GROUP BY sweep.id`,
    [sweepIds],
  );
  return new Map(rows.map(({ sweepId, finished, ...of }) => [sweepId, { counts: of, finished }]));
}

/** The progress of a sweep whose runs are all queued. */
export const allQueued = (runs: number): Progress => ({
  counts: { queued: runs, running: 0, succeeded: 0, failed: 0, cancelled: 0, pruned: 0 },
  finished: false,
});

/** The state of a sweep. The last runs of a paused sweep may still be stopping. */
function sweepState(
  { cancelledAt, pausedAt }: Pick<SweepRow, 'cancelledAt' | 'pausedAt'>,
  { counts, finished }: Progress,
): SweepState {
  if (cancelledAt !== null) return 'cancelled';
  if (finished) return 'finished';
  if (pausedAt !== null) return 'paused';
  const begun = counts.running > 0 || RunState.options.some((state) => isFinished(state) && counts[state] > 0);
  return begun ? 'running' : 'queued';
}

const Asked = SweepRow.pick({ cancelledAt: true, pausedAt: true });

/** The state of a sweep; undefined if the id is unknown. Its row is locked until the transaction ends. */
export async function lockedState(db: Queryable, sweepId: string): Promise<SweepState | undefined> {
  const [sweep] = await queryRows(
    db,
    Asked,
    `SELECT cancelled_at AS "cancelledAt", paused_at AS "pausedAt" FROM sweep WHERE id = $1 FOR UPDATE`,
    [sweepId],
  );
  const progress = (await progressOf(db, [sweepId])).get(sweepId);
  return sweep && progress && sweepState(sweep, progress);
}

/** A sweep's row as the API returns it. */
export const sweepView = (sweep: SweepRow, progress: Progress): SweepView => ({
  id: sweep.id,
  name: sweep.name,
  state: sweepState(sweep, progress),
  counts: progress.counts,
  owner: sweep.ownerName,
  priority: sweep.priority,
  limits: { running: sweep.maxRunning },
  budget: { deviceHours: sweep.deviceHours },
  createdAt: sweep.createdAt.toISOString(),
});

/** A sweep with its spec. Refuses (`not_found`) an unknown id. */
export async function findSweep(context: Context, sweepId: string): Promise<SweepDetail> {
  const sweep = await context.db.prisma.sweep.findUnique({ where: { id: sweepId } });
  const progress = (await readProgress(context, [sweepId])).get(sweepId);
  if (sweep === null || progress === undefined) throw refusal.unknown('sweep', sweepId);
  return { ...sweepView(sweep, progress), spec: sweep.spec };
}

/** A sweep without its spec. Refuses (`not_found`) an unknown id. */
export async function readSweep(context: Context, sweepId: string): Promise<SweepView> {
  const { spec: _, ...view } = await findSweep(context, sweepId);
  return view;
}

/** Refuses (`not_found`) an unknown sweep id. */
export async function requireSweep({ db }: Context, sweepId: string): Promise<void> {
  if ((await db.prisma.sweep.count({ where: { id: sweepId } })) === 0) throw refusal.unknown('sweep', sweepId);
}
