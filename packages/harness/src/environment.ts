/** Paths and variables that tests and benchmarks share. */
import { join } from 'node:path';
import { DEFAULT_HOME } from '@ablate/files';

/** An ABLATE_HOME that is kept between test runs: packed data sets, compiled programs. */
export const TEST_HOME = join(DEFAULT_HOME, 'test-home');

/** Variables that select TensorFlow's kernels: a worker that a test starts computes as the test process does. */
export const KERNEL_VARIABLES: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(TF|ONEDNN)_/.test(name) && value !== undefined ? [[name, value]] : [],
  ),
);
