import type { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

const Row = z.object({ name: z.string().nullable() });

/** The name of the data set that a run needs; null if the run is unknown, or its config names none. */
export async function datasetOf({ pool }: Database, { runId }: RunJob): Promise<string | null> {
  const [row] = await queryRows(
    pool,
    Row,
    `SELECT config.config #>> '{dataset,name}' AS name FROM run JOIN config ON config.id = run.config_id WHERE run.id = $1`,
    [runId],
  );
  return row?.name ?? null;
}
