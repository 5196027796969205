import type { Environment } from '@ablate/contracts';

/** The environment of a run in tests that do not check it. */
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
