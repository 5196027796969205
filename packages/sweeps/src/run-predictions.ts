import { Confusion, type PredictedSplit, PredictionView } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';
import { type Page, type PageRequest, readCursor, toPage } from './page.ts';
import { refusal } from './refusal.ts';

type RunSplit = { runId: string; split: PredictedSplit };

const PresenceRow = z.object({ present: z.boolean() });

/** Refuses (`not_found`) an unknown run, and a run without predictions of the split. */
async function requirePredictions(context: Context, { runId, split }: RunSplit): Promise<void> {
  const rows = await queryRows(
    context.db.pool,
    PresenceRow,
    `SELECT true AS present FROM run JOIN prediction ON prediction.run_id = run.id AND prediction.attempt = run.attempt
     WHERE run.id = $1 AND run.state = 'succeeded' AND prediction.split = $2`,
    [runId, split],
  );
  if (rows.length > 0) return;
  await requireRun(context, runId);
  throw refusal.noPredictions(`run ${runId}`, split);
}

/** A page of what a run's model said of each image of a split, by image; only the wrong or the right ones, if given. */
export async function runPredictions(
  context: Context,
  { runId, split, correct, limit, cursor }: RunSplit & PageRequest & { correct?: boolean },
): Promise<Page<PredictionView>> {
  const after = readCursor(cursor, z.int());
  await requirePredictions(context, { runId, split });
  const rows = await queryRows(
    context.db.pool,
    PredictionView,
    `SELECT image, label, label_name AS "labelName", predicted, predicted_name AS "predictedName", confidence, rank, correct
     FROM reporting.predictions WHERE run = $1 AND split = $2 AND ($3::boolean IS NULL OR correct = $3) AND image > $4
     ORDER BY image LIMIT $5`,
    [runId, split, correct ?? null, after ?? -1, limit + 1],
  );
  return toPage(
    rows,
    limit,
    ({ image }) => image,
    (row) => row,
  );
}

const CellRow = Confusion.shape.cells.element;

/** The confusion matrix of a run on a split. Refuses (`not_found`) an unknown run, and a split without predictions. */
export async function runConfusion(context: Context, { runId, split }: RunSplit): Promise<Confusion> {
  await requirePredictions(context, { runId, split });
  const cells = await queryRows(
    context.db.pool,
    CellRow,
    `SELECT label, label_name AS "labelName", predicted, predicted_name AS "predictedName", n
     FROM reporting.confusion WHERE run = $1 AND split = $2 ORDER BY label, predicted`,
    [runId, split],
  );
  const sum = (of: typeof cells) => of.reduce((total, { n }) => total + n, 0);
  return {
    split,
    images: sum(cells),
    correct: sum(cells.filter(({ label, predicted }) => label === predicted)),
    cells,
  };
}
