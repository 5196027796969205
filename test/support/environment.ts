import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the set-up put the Python packages, and with them perhaps a Redis. */
export const pythonEnvironment = join(repository, '.ablate', 'python');

/** What decides which of TensorFlow's kernels run: a worker of a test computes as the test itself does. */
export const kernelSettings: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(TF|ONEDNN)_/.test(name) && value !== undefined ? [[name, value]] : [],
  ),
);
