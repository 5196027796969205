import { DatasetChoice } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

const Row = z.object({ dataset: z.unknown(), hash: z.string().nullable() });

/** The data set of a run, and the SHA-256 of the packed images that its newest attempt used; null before training. Refuses (`not_found`) an unknown run. */
export async function runDataset(
  { db }: Context,
  runId: string,
): Promise<{ dataset: DatasetChoice; hash: string | null }> {
  const [row] = await queryRows(
    db.pool,
    Row,
    `SELECT config.config -> 'dataset' AS dataset, attempt.dataset_hash AS hash
     FROM run JOIN config ON config.id = run.config_id
     LEFT JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt WHERE run.id = $1`,
    [runId],
  );
  if (row === undefined) throw refusal.unknown('run', runId);
  const dataset = DatasetChoice.safeParse(row.dataset);
  if (!dataset.success) throw refusal.noDataset(runId);
  return { dataset: dataset.data, hash: row.hash };
}
