/**
 * A trainer process that trains nothing: the worker takes it where ABLATE_TRAINER names this file (and NODE_ENV is `test`).
 * What it tells is a function of config and seed alone; how long it takes, and what goes wrong, its environment says.
 */
import { parseVariables } from '@ablate/contracts';
import { z } from 'zod';
import { serveTraining } from '../../../apps/trainer/src/serve-training.ts';
import { simulate } from './fit.ts';
import { EXHAUSTS_MEMORY } from './index.ts';
import { PoisonList, poisons } from './poison.ts';

const Variables = z.object({
  /** How long a whole run trains. */
  ABLATE_SIMULATED_SECONDS: z.coerce.number().min(0).default(1),
  ABLATE_SIMULATED_CHECKPOINTS: z.enum(['yes', 'no']).default('yes'),
  ABLATE_SIMULATED_KIB: z.coerce.number().int().min(0).default(1),
  ABLATE_SIMULATED_POISON: PoisonList.prefault(''),
  ABLATE_CHECKPOINT_SECONDS: z.coerce.number().min(0).default(20),
});

process.on(EXHAUSTS_MEMORY, () => void poisons.heap());

await serveTraining(async () => {
  const env = parseVariables(Variables, process.env);
  return (command, stop) =>
    simulate(command, {
      seconds: env.ABLATE_SIMULATED_SECONDS,
      checkpoints: env.ABLATE_SIMULATED_CHECKPOINTS === 'yes',
      kib: env.ABLATE_SIMULATED_KIB,
      poison: env.ABLATE_SIMULATED_POISON,
      checkpointSeconds: env.ABLATE_CHECKPOINT_SECONDS,
      stop,
    });
});
