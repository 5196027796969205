/** The environment of a trainer: no addresses and no passwords. packages/engine/src/env.ts reads the rest. The worker imports both to pass variables on: they must not load TensorFlow. */
import { resolve } from 'node:path';
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { DEFAULT_HOME } from '@ablate/files';
import { z } from 'zod';

const seconds = z.coerce.number().positive().max(86_400);

export const TrainerVariables = z.object({
  ABLATE_HOME: VARIABLES.ABLATE_HOME,
  ABLATE_DATA: VARIABLES.ABLATE_DATA,
  ABLATE_DATA_MIB: z.coerce
    .number()
    .int()
    .min(0)
    .default(2_048)
    .describe('MiB above which a packed data set is read from its file instead of memory.'),
  ABLATE_CHECKPOINT_SECONDS: seconds.default(20).describe('Seconds between two checkpoints of a run.'),
});

/** The trainer's settings. Throws UserError, naming each variable that is invalid. */
export function readTrainerEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(TrainerVariables, env);
  return {
    home: resolve(read.ABLATE_HOME ?? DEFAULT_HOME),
    dataFolder: read.ABLATE_DATA,
    /** A packed data set larger than this is read from its file instead of memory. */
    dataBytes: read.ABLATE_DATA_MIB * 2 ** 20,
    checkpointSeconds: read.ABLATE_CHECKPOINT_SECONDS,
  };
}
