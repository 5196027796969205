import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';
import { refusal } from './refusal.ts';

/** A file of the database, and its SHA-256. `bytes` is null if the caller has it already. */
type StoredFile = { sha256: string; bytes: Buffer | null };

const Row = z.object({ sha256: z.string(), bytes: z.instanceof(Buffer).nullable() });

/**
 * What the model of a run looks at, as a safetensors file, or the pictures as a PNG file. `known` are hashes that the caller has.
 * Refuses (`not_found`) an unknown run, and a run without it.
 */
export async function runInside(
  context: Context,
  { runId, part, known = [] }: { runId: string; part: 'maps' | 'images'; known?: readonly string[] },
): Promise<StoredFile> {
  const [sha256, bytes] = part === 'maps' ? ['inside.sha256', 'inside.data'] : ['pictures.id', 'pictures.png'];
  const [row] = await queryRows(
    context.db.pool,
    Row,
    `SELECT ${sha256} AS sha256, CASE WHEN ${sha256} = ANY($2) THEN NULL ELSE ${bytes} END AS bytes
     FROM run JOIN inside ON inside.run_id = run.id AND inside.attempt = run.attempt
     JOIN inside_images pictures ON pictures.id = inside.images_id
     WHERE run.id = $1 AND run.state = 'succeeded'`,
    [runId, known],
  );
  if (row) return row;
  await requireRun(context, runId);
  throw refusal.noInside(runId);
}
