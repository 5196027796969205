/** The length of the fault tests: short in `npm test`, long in `npm run test:faults`, which sets these variables. */
import { parseVariables } from '@ablate/contracts';
import { z } from 'zod';

const count = z.coerce.number().int().min(0);

const read = parseVariables(
  z.object({
    FAULTS_LONG: z.enum(['yes', 'no']).default('no'),
    FAULTS_SEED: count.default(() => Date.now() % 1_000_000),
    FAULTS_FIRST: count.default(1),
    FAULTS_ROUNDS: count.default(2),
    FAULTS_REAL_ROUNDS: count.default(1),
    FAULTS_REPORT: z.string().optional(),
  }),
  process.env,
);

/** Full length: Postgres unreachable for 30 s, a worker killed fifty times. */
export const LONG = read.FAULTS_LONG === 'yes';
export const SEED = read.FAULTS_SEED;
export const FIRST_ROUND = read.FAULTS_FIRST;
export const ROUNDS = read.FAULTS_ROUNDS;
export const REAL_ROUNDS = read.FAULTS_REAL_ROUNDS;
/** A file to which each round adds a line of JSON. */
export const REPORT = read.FAULTS_REPORT;
