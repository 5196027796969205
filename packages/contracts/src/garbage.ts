/** What a garbage collection found and did. */
import { z } from 'zod';

export const StoredName = z.strictObject({ key: z.string(), bytes: z.int().min(0) });
export type StoredName = z.infer<typeof StoredName>;

export const GarbageReport = z.strictObject({
  store: z.string(),
  dryRun: z.boolean().describe('Whether nothing was removed'),
  expired: z.array(StoredName).describe('Checkpoints of finished runs, beyond what is kept'),
  orphans: z.array(StoredName).describe('Files of this database’s runs that no row names'),
  foreign: z.array(StoredName).describe('Files of nobody’s runs, or of no checkpoint’s name: never removed'),
  missing: z.array(StoredName).describe('Rows whose file is not there, or has another length: never removed'),
  files: z.int().min(0).describe('Removed, or to be removed'),
  bytes: z.int().min(0).describe('Theirs together'),
});
export type GarbageReport = z.infer<typeof GarbageReport>;
