import { createHash } from 'node:crypto';
import { InspectionView, MAX_INSPECTION_BYTES, Model } from '@ablate/contracts';
import { type Queryable, queryRows, readWorkers } from '@ablate/db';
import { mapBytes } from '@ablate/models/map-memory';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

/** Inspections kept, the newest. */
const KEPT = 64;
/** Inspections that may wait. */
const MAX_WAITING = 32;

const Row = z.object({
  id: z.string(),
  runId: z.string(),
  state: InspectionView.shape.state,
  images: z.array(z.int()),
  message: z.string().nullable(),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});
const COLUMNS = `id, run_id AS "runId", state, images, message, created_at AS "createdAt", finished_at AS "finishedAt"`;

/** An inspection that waits says why, if it is not that workers are about to take it. */
async function view(
  context: Context,
  { images, createdAt, finishedAt, message, ...row }: z.infer<typeof Row>,
): Promise<InspectionView> {
  const waiting = row.state === 'queued' && !(await hasWorker(context)) ? NO_WORKER : null;
  return {
    ...row,
    images: images.length === 0 ? null : images,
    message: message ?? waiting,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

const NO_WORKER = 'no worker is alive: start one with `npm start`, on the machine that has the checkpoints';

async function hasWorker({ db }: Context): Promise<boolean> {
  const [first] = await readWorkers(db);
  return first?.state === 'alive';
}

const Inspectable = z.object({
  state: z.string(),
  model: z.unknown(),
  hasBest: z.boolean(),
  width: z.int().nullable(),
  height: z.int().nullable(),
});

/** Bytes 16 to 23 of a PNG file are its width and height. */
const SIZE = (from: number) => `('x' || encode(substring(pictures.png FROM ${from} FOR 4), 'hex'))::bit(32)::integer`;

/** Refuses an unknown run (`not_found`), one that has not succeeded (`conflict`), and one whose best checkpoint is gone (`gone`). */
async function inspectableRun(context: Context, runId: string) {
  const [run] = await queryRows(
    context.db.pool,
    Inspectable,
    `SELECT run.state, config.config->'model' AS model,
       EXISTS (SELECT FROM checkpoint WHERE run_id = coalesce(run.reused_from, run.id) AND kind = 'best') AS "hasBest",
       ${SIZE(17)} AS width, ${SIZE(21)} AS height
     FROM run JOIN config ON config.id = run.config_id
     LEFT JOIN inside ON inside.run_id = run.id AND inside.attempt = run.attempt
     LEFT JOIN inside_images pictures ON pictures.id = inside.images_id
     WHERE run.id = $1`,
    [runId],
  );
  if (run === undefined) throw refusal.unknown('run', runId);
  if (run.state !== 'succeeded') throw refusal.notInspectable(run.state);
  if (!run.hasBest) throw refusal.noCheckpoint(runId);
  const images = run.width === null || run.height === null ? 0 : run.width / run.height;
  return { model: Model.parse(run.model), images };
}

/** Refuses images that the run does not have, and more than fit into one answer. */
function checkImages(runId: string, model: Model, { asked, images }: { asked: number[]; images: number }): void {
  if (model.family === 'resnet') throw refusal.noAttention();
  if (images === 0) throw refusal.noInside(runId);
  const outside = asked.find((image) => image >= images);
  if (outside !== undefined) throw refusal.invalidImages(`the run has images 0 to ${images - 1}, not ${outside}`);
  const each = mapBytes(model) / 2; // in half precision
  const most = Math.floor(MAX_INSPECTION_BYTES / each);
  if (asked.length > most)
    throw refusal.invalidImages(
      `the attention of ${asked.length} images takes ${Math.ceil((asked.length * each) / 2 ** 20)} MiB, more than ${MAX_INSPECTION_BYTES / 2 ** 20}: ${most === 0 ? 'this model has too many tokens' : `ask for ${most} at most`}`,
    );
}

/** Deletes the inspections beyond those that are kept. */
const forgetOld = (client: Queryable) =>
  client.query(
    `DELETE FROM inspection WHERE state IN ('done', 'failed') AND id IN (SELECT id FROM inspection ORDER BY asked_at DESC OFFSET $1)`,
    [KEPT],
  );

const Waiting = z.object({ waiting: z.int() });

/**
 * Asks for a look at all attention of a run's model on some of its images, all by default, or on a picture. The same request gives the
 * same inspection; one that failed is made again. Refuses (`not_found`, `conflict`, `gone`, `busy`, `invalid_parameter`) what no worker could do.
 */
export async function requestInspection(
  context: Context,
  { runId, images, picture = null }: { runId: string; images?: readonly number[]; picture?: Buffer | null },
): Promise<InspectionView> {
  const run = await inspectableRun(context, runId);
  const asked = picture ? [] : [...(images ?? Array.from({ length: run.images }, (_, at) => at))].sort((a, b) => a - b);
  if (!picture) checkImages(runId, run.model, { asked, images: run.images });
  if (!(await hasWorker(context))) throw refusal.noWorker(NO_WORKER);
  const { pool } = context.db;
  const [count] = await queryRows(
    pool,
    Waiting,
    `SELECT count(*)::integer AS waiting FROM inspection WHERE state IN ('queued', 'running')`,
  );
  if ((count?.waiting ?? 0) >= MAX_WAITING) throw refusal.busy(`${MAX_WAITING} inspections wait`);
  const request = createHash('sha256')
    .update(JSON.stringify(asked))
    .update(picture ?? '')
    .digest('hex');
  const [row] = await queryRows(
    pool,
    Row,
    `INSERT INTO inspection (run_id, request, images, picture) VALUES ($1, $2, $3, $4)
     ON CONFLICT (run_id, request) DO UPDATE SET asked_at = now(),
       state = CASE WHEN inspection.state = 'failed' THEN 'queued' ELSE inspection.state END,
       attempt = CASE WHEN inspection.state = 'failed' THEN 0 ELSE inspection.attempt END,
       message = NULL, finished_at = CASE WHEN inspection.state = 'done' THEN inspection.finished_at END,
       picture = CASE WHEN inspection.state = 'failed' THEN excluded.picture ELSE inspection.picture END
     RETURNING ${COLUMNS}`,
    [runId, request, asked, picture],
  );
  if (row === undefined) throw new Error('the inspection was not written');
  await forgetOld(pool);
  return view(context, row);
}

/** An inspection. Refuses (`not_found`) an unknown id, also that of one that newer ones replaced. */
export async function findInspection(context: Context, id: string): Promise<InspectionView> {
  const [row] = await queryRows(context.db.pool, Row, `SELECT ${COLUMNS} FROM inspection WHERE id = $1`, [id]);
  if (row === undefined) throw refusal.unknown('inspection', id);
  return view(context, row);
}

const Result = z.object({ sha256: z.string().nullable(), bytes: z.instanceof(Buffer).nullable(), state: z.string() });

/** The file of an inspection that is done; `known` are hashes that the caller has. Refuses (`conflict`) one that is not done. */
export async function inspectionResult(
  context: Context,
  { id, known = [] }: { id: string; known?: readonly string[] },
): Promise<{ sha256: string; bytes: Buffer | null }> {
  const [row] = await queryRows(
    context.db.pool,
    Result,
    'SELECT sha256, state, CASE WHEN sha256 = ANY($2) THEN NULL ELSE data END AS bytes FROM inspection WHERE id = $1',
    [id, known],
  );
  if (row === undefined) throw refusal.unknown('inspection', id);
  if (row.sha256 === null) throw refusal.notInspected(row.state);
  return { sha256: row.sha256, bytes: row.bytes };
}
