/** Environment variables about checkpoints: the API and all workers need the same values. */
import { join } from 'node:path';
import { VARIABLES } from '@ablate/contracts';
import { DEFAULT_RETENTION, type Retention } from '@ablate/db';
import { z } from 'zod';
import { StoreAddress } from './address.ts';

const kept = z.coerce.number().int().min(1).max(1000);

export const CHECKPOINT_VARIABLES = {
  ABLATE_CHECKPOINTS: StoreAddress.optional().describe(VARIABLES.ABLATE_CHECKPOINTS.description ?? ''),
  ABLATE_KEEP_BEST: kept.default(DEFAULT_RETENTION.best).describe('Best checkpoints that a run keeps.'),
  ABLATE_KEEP_LAST: kept.default(DEFAULT_RETENTION.last).describe('Last checkpoints that a run keeps.'),
};

const Variables = z.object(CHECKPOINT_VARIABLES);

/** The store and the retention that the variables ask for. */
export const checkpointSettings = (
  read: z.infer<typeof Variables>,
  home: string,
): { store: StoreAddress; keep: Retention } => ({
  store: read.ABLATE_CHECKPOINTS ?? { kind: 'file', folder: join(home, 'checkpoints') },
  keep: { best: read.ABLATE_KEEP_BEST, last: read.ABLATE_KEEP_LAST },
});
