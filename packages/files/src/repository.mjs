/** Plain JavaScript: set-up imports it before any package is installed, also on a Node.js that is too old. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout of Ablate. */
export const REPOSITORY = resolve(fileURLToPath(import.meta.url), '../../../..');

/** ABLATE_HOME if it is not set: databases, checkpoints, logs, packed data sets. */
export const DEFAULT_HOME = join(REPOSITORY, '.ablate');

/** Python's packages, installed by set-up. Independent of ABLATE_HOME: node_modules links to it. */
export const PYTHON_ENVIRONMENT = join(DEFAULT_HOME, 'python');
