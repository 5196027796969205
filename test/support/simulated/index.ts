import { fileURLToPath } from 'node:url';

/** Environment of a worker whose trainers are simulated: runs of `seconds`. */
export const simulatedTrainer = ({ seconds }: { seconds: number }): Record<string, string> => ({
  NODE_ENV: 'test',
  ABLATE_TRAINER: fileURLToPath(new URL('trainer.ts', import.meta.url)),
  ABLATE_SIMULATED_SECONDS: String(seconds),
});

/** A simulated trainer that gets this signal uses memory until it has none left. */
export const EXHAUSTS_MEMORY = 'SIGUSR2';
