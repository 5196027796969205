/** Sweeps as a list shows them, from their rows, the index of their runs, and what the leader stored. */
import type { SweepItem } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { PROGRESS_COLUMNS, ProgressRow, SWEEP_COLUMNS, SweepRow, sweepView } from './sweep-view.ts';
import { timeLeft } from './time-left.ts';

const ItemRow = SweepRow.extend({
  ...ProgressRow.shape,
  varies: z.string().nullable(),
  verdict: z.string().nullable(),
  deviceSeconds: z.number().nullable(),
  meanSeconds: z.number().nullable(),
  known: z.int(),
  elapsed: z.number().nullable(),
  left: z.number().nullable(),
});

/** Those of these sweeps that exist, by id. Their runs are counted by index; only rows of running ones are read. */
export async function readItems({ db }: Context, ids: readonly string[]): Promise<Map<string, SweepItem>> {
  const rows = await queryRows(
    db.pool,
    ItemRow,
    `SELECT sweep.*, sweep_finished(sweep.id) AS finished, summary.varies, summary.verdict, runs.*, active.*
     FROM (SELECT ${SWEEP_COLUMNS} FROM sweep WHERE id = ANY ($1::uuid[])) sweep
     LEFT JOIN sweep_summary summary ON summary.sweep_id = sweep.id
     CROSS JOIN LATERAL (
       SELECT ${PROGRESS_COLUMNS}, coalesce(sum(useful_seconds), 0) + coalesce(sum(lost_seconds), 0) AS "deviceSeconds",
         avg(useful_seconds) FILTER (WHERE state = 'succeeded' AND useful_seconds > 0) AS "meanSeconds"
       FROM run WHERE run.sweep_id = sweep.id
     ) runs
     CROSS JOIN LATERAL (
       SELECT count(*)::integer AS known, sum(extract(epoch FROM now() - attempt.started_at))::float8 AS elapsed,
         sum((run.progress ->> 'secondsLeft')::float8) AS "left"
       FROM run JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
       WHERE run.sweep_id = sweep.id AND run.state = 'running' AND run.progress ->> 'secondsLeft' IS NOT NULL
     ) active`,
    [ids],
  );
  return new Map(
    rows.map(({ finished, varies, verdict, deviceSeconds, meanSeconds, known, elapsed, left, ...row }) => {
      const { queued, running, succeeded, failed, cancelled, pruned, ...sweep } = row;
      const counts = { queued, running, succeeded, failed, cancelled, pruned };
      const view = sweepView(sweep, { counts, finished });
      const outlook = { queued, running, meanSeconds, known: { runs: known, elapsed: elapsed ?? 0, left: left ?? 0 } };
      const secondsLeft = view.state === 'running' ? timeLeft(outlook) : null;
      return [sweep.id, { ...view, varies, verdict, deviceSeconds: deviceSeconds ?? 0, secondsLeft }];
    }),
  );
}
