/** Paths and variables that tests and benchmarks share. */
import { join, resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** The Python environment that the set-up created; it may hold a Redis server. */
export const PYTHON_ENVIRONMENT = join(REPOSITORY, '.ablate', 'python');

/** An ABLATE_HOME that is kept between test runs: packed data sets, compiled programs. */
export const TEST_HOME = join(REPOSITORY, '.ablate', 'test-home');

/** Variables that select TensorFlow's kernels: a worker that a test starts computes as the test process does. */
export const KERNEL_VARIABLES: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(TF|ONEDNN)_/.test(name) && value !== undefined ? [[name, value]] : [],
  ),
);
