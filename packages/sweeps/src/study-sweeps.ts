/** The sweeps of studies, by name. */
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';

const Row = z.object({ id: z.string(), name: z.string() });

/** The newest sweep of each of these names, as far as there is one. */
export const newestSweeps = ({ db }: Context, names: readonly string[]): Promise<z.infer<typeof Row>[]> =>
  queryRows(
    db.pool,
    Row,
    'SELECT DISTINCT ON (name) id, name FROM sweep WHERE name = ANY ($1) ORDER BY name, created_at DESC',
    [names],
  );
