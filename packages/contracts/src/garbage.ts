/** The report of a garbage collection. */
import { z } from 'zod';

export const StoredName = z.strictObject({ key: z.string(), bytes: z.int().min(0) });
export type StoredName = z.infer<typeof StoredName>;

export const GarbageReport = z.strictObject({
  store: z.string(),
  dryRun: z.boolean().describe('Whether this was a dry run, which removes nothing'),
  expired: z.array(StoredName).describe('Checkpoints of finished runs beyond the retention'),
  orphans: z.array(StoredName).describe('Files of runs in this database without a row'),
  foreign: z.array(StoredName).describe('Files of unknown runs, or with an unknown name: never removed'),
  missing: z.array(StoredName).describe('Rows whose file is missing or has the wrong length: never removed'),
  predictions: z.int().min(0).describe('Predictions of finished runs whose best checkpoint is gone'),
  logs: z.int().min(0).describe('Logs of runs that were finished a week ago and have no checkpoint left'),
  insides: z.int().min(0).describe('What finished runs looked at whose best checkpoint is gone'),
  files: z.int().min(0).describe('Number of files removed, or to remove in a dry run'),
  bytes: z.int().min(0).describe('Total size of these files'),
  packedCopies: z
    .array(z.strictObject({ path: z.string(), bytes: z.int().min(0), state: z.literal('outdated') }))
    .optional()
    .describe('Packed data sets of older versions that `ablate gc` removes on its machine; absent over HTTP'),
});
export type GarbageReport = z.infer<typeof GarbageReport>;
