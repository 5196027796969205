import { describeDevice } from '@ablate/engine';

/** What tests may need of the processor, and why it is not there; null where it is. */
const OBSTACLES = {
  bf16: () => describeDevice().bf16Obstacle,
};

/** The options of a test that needs something of the processor: where that is missing it is skipped with the reason, which `npm test` counts at its end. */
export const needs = (what: keyof typeof OBSTACLES): { skip: string | false } => ({ skip: OBSTACLES[what]() ?? false });
