import type { Environment } from '@ablate/contracts';

/** What a run's numbers were made with, where a test does not ask. */
export const testEnvironment: Omit<Environment, 'precision'> = {
  code: 'test',
  lockfile: 'test',
  node: process.version,
  tensorflow: 'test',
  device: 'test',
  instructionSets: [],
  oneDnn: true,
  threads: 1,
};
