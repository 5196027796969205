import { formatPoint } from '@ablate/answers';
import { IdKind, type IdMatch, type IdMatches } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';

/** Ids that are listed, at most. */
const LISTED = 10;

const Row = z.object({
  kind: IdKind,
  id: z.string(),
  name: z.string(),
  axes: z.record(z.string(), z.unknown()).nullable(),
  seed: z.int().nullable(),
});

const matchOf = ({ kind, id, name, axes, seed }: z.infer<typeof Row>): IdMatch => ({
  kind,
  id,
  name: [name, ...(axes === null ? [] : [formatPoint(axes)]), ...(seed === null ? [] : [`seed ${seed}`])].join(' · '),
});

/** The sweeps, configs, runs and checkpoints whose ids begin or end with `text` (a ShortId): at most ten. */
export async function findIds({ db }: Context, text: string): Promise<IdMatches> {
  const rows = await queryRows(
    db.pool,
    Row,
    `SELECT * FROM (
       (SELECT 'sweep' AS kind, id, name, NULL::jsonb AS axes, NULL::integer AS seed FROM sweep
        WHERE id::text LIKE ANY($1) LIMIT $2)
       UNION ALL
       (SELECT 'config', config.id, sweep.name, config.axes, NULL FROM config JOIN sweep ON sweep.id = config.sweep_id
        WHERE config.id::text LIKE ANY($1) LIMIT $2)
       UNION ALL
       (SELECT 'run', run.id, sweep.name, config.axes, run.seed FROM run
        JOIN sweep ON sweep.id = run.sweep_id JOIN config ON config.id = run.config_id
        WHERE run.id::text LIKE ANY($1) LIMIT $2)
       UNION ALL
       (SELECT 'checkpoint', id, kind || ' at step ' || step, NULL, NULL FROM any_checkpoint
        WHERE id::text LIKE ANY($1) LIMIT $2)
     ) AS matches LIMIT $2`,
    [[`${text}%`, `%${text}`], LISTED + 1],
  );
  return { items: rows.slice(0, LISTED).map(matchOf), more: rows.length > LISTED };
}
