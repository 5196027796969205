/** The environment variables of a trainer. The worker imports this file too, to pass them on: it must not load TensorFlow. */
import { join, resolve } from 'node:path';
import { parseVariables } from '@ablate/contracts';
import { z } from 'zod';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

const seconds = z.coerce.number().positive().max(86_400);

export const TrainerVariables = z.object({
  ABLATE_HOME: z.string().min(1).default(join(REPOSITORY, '.ablate')),
  ABLATE_DATA: z.string().min(1).optional(),
  ABLATE_DATA_MIB: z.coerce.number().int().min(0).default(2_048),
  ABLATE_CHECKPOINT_SECONDS: seconds.default(20),
});

/** The trainer's settings: no addresses and no passwords. Throws naming each variable that is invalid. */
export function readTrainerEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(TrainerVariables, env);
  return {
    home: resolve(read.ABLATE_HOME),
    dataFolder: read.ABLATE_DATA,
    /** A packed data set larger than this is read from its file instead of memory. */
    dataBytes: read.ABLATE_DATA_MIB * 2 ** 20,
    checkpointSeconds: read.ABLATE_CHECKPOINT_SECONDS,
  };
}
