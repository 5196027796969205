/** A worker with simulated trainers: processes that speak the trainer's protocol and write real checkpoints, but do not train. */
import { fileURLToPath } from 'node:url';

/** The module that ABLATE_TRAINER names. */
export const SIMULATED_TRAINER = fileURLToPath(import.meta.resolve('./simulated/trainer.ts'));

/** Environment of a worker with simulated trainers, which take `seconds` for a run. */
export const simulatedTrainer = ({ seconds }: { seconds: number }): Record<string, string> => ({
  NODE_ENV: 'test',
  ABLATE_TRAINER: SIMULATED_TRAINER,
  ABLATE_SIMULATED_SECONDS: String(seconds),
});

/** A simulated trainer that receives this signal allocates until it is out of memory. */
export const EXHAUSTS_MEMORY = 'SIGUSR2';
