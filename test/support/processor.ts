import { describeDevice } from '@ablate/engine';

/** Features of the processor that tests need: the reason why one is missing, or null. */
const OBSTACLES = {
  bf16: () => describeDevice().bf16Obstacle,
};

/** Options of a test that needs a feature of the processor: without it the test is skipped, with the reason in the summary of `npm test`. */
export const needs = (what: keyof typeof OBSTACLES): { skip: string | false } => ({ skip: OBSTACLES[what]() ?? false });
