import { Counts, isFinished, RunState, type SweepState, type SweepView } from '@ablate/contracts';
import { type Queryable, queryRows } from '@ablate/db';
import { z } from 'zod';

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

export const ProgressRow = z.object({ finished: z.boolean(), ...Counts.shape });

/** The columns of `Counts`, of rows of `run`. */
export const PROGRESS_COLUMNS = RunState.options
  .map((state) => `count(*) FILTER (WHERE run.state = '${state}')::integer AS ${state}`)
  .join(', ');

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
  const [progress] = await queryRows(
    db,
    ProgressRow,
    `SELECT sweep_finished($1) AS finished, ${PROGRESS_COLUMNS} FROM run WHERE run.sweep_id = $1`,
    [sweepId],
  );
  if (sweep === undefined || progress === undefined) return undefined;
  const { finished, ...counts } = progress;
  return sweepState(sweep, { counts, finished });
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
