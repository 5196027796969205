import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the set-up put the Python packages, and with them perhaps a Redis. */
export const pythonEnvironment = join(repository, '.ablate', 'python');
