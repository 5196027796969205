/**
 * The simulated trainer process: a worker starts it if ABLATE_TRAINER names this file (and NODE_ENV is `test`). Its metrics
 * are a function of config and seed alone; its environment sets how long it takes and what fails.
 */
import { parseVariables } from '@ablate/contracts';
import { serveTraining } from '@ablate/training/serve';
import { z } from 'zod';
import { EXHAUSTS_MEMORY } from '../simulated.ts';
import { simulate } from './fit.ts';
import { PoisonList, poisons } from './poison.ts';

const Variables = z.object({
  /** Seconds of a whole run. */
  ABLATE_SIMULATED_SECONDS: z.coerce.number().min(0).default(1),
  ABLATE_SIMULATED_CHECKPOINTS: z.enum(['yes', 'no']).default('yes'),
  ABLATE_SIMULATED_KIB: z.coerce.number().int().min(0).default(1),
  ABLATE_SIMULATED_POISON: PoisonList.prefault(''),
  ABLATE_CHECKPOINT_SECONDS: z.coerce.number().min(0).default(20),
});

process.on(EXHAUSTS_MEMORY, () => void poisons.heap());

await serveTraining(async () => {
  const env = parseVariables(Variables, process.env);
  return {
    training: (command, stop) =>
      simulate(command, {
        seconds: env.ABLATE_SIMULATED_SECONDS,
        checkpoints: env.ABLATE_SIMULATED_CHECKPOINTS === 'yes',
        kib: env.ABLATE_SIMULATED_KIB,
        poison: env.ABLATE_SIMULATED_POISON,
        checkpointSeconds: env.ABLATE_CHECKPOINT_SECONDS,
        stop,
      }),
  };
});
