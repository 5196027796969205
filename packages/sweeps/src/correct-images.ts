import type { CorrectRuns } from '@ablate/answers';
import { queryRows } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';

const RankRow = z.object({
  configId: z.string(),
  seed: z.int(),
  imageSetId: z.string(),
  width: z.int(),
  ranks: z.instanceof(Uint8Array),
});

const CountRow = z.object({ runs: z.int() });

/** Runs whose predictions are read for one answer: 10 kB each for 10,000 images. */
const MAX_RUNS = 300;

/**
 * Which images the runs of these configs classify correctly. Undefined without predictions of the split, and if more runs have them than an
 * answer can read.
 */
export async function readCorrectImages(
  client: pg.PoolClient,
  { configs, split }: { configs: readonly string[]; split: string },
): Promise<CorrectRuns | undefined> {
  const runs = `FROM run JOIN prediction ON prediction.run_id = run.id AND prediction.attempt = run.attempt
    WHERE run.config_id = ANY ($1::uuid[]) AND run.state = 'succeeded' AND prediction.split = $2`;
  const [counted] = await queryRows(client, CountRow, `SELECT count(*)::integer AS runs ${runs}`, [configs, split]);
  if (counted === undefined || counted.runs === 0 || counted.runs > MAX_RUNS) return undefined;
  const rows = await queryRows(
    client,
    RankRow,
    `SELECT run.config_id AS "configId", run.seed, set.id AS "imageSetId", set.width,
       substring(prediction.data FROM set.images * set.width + set.images + 1) AS ranks
     ${runs.replace('WHERE', 'JOIN image_set set ON set.id = prediction.image_set_id WHERE')}`,
    [configs, split],
  );
  const found = new Map<string, Map<number, { images: string; correct: Uint8Array }>>();
  for (const { configId, seed, imageSetId, width, ranks } of rows) {
    // The rank counts the classes above the true one, in `width` bytes.
    const correct = Uint8Array.from({ length: ranks.length / width }, (_, i) =>
      ranks.subarray(i * width, (i + 1) * width).every((byte) => byte === 0) ? 1 : 0,
    );
    const seeds = found.get(configId) ?? new Map();
    found.set(configId, seeds.set(seed, { images: imageSetId, correct }));
  }
  return found;
}
