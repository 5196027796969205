/** Folders of attempts that train here and store elsewhere: `<run>-<attempt>`. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jobId } from '@ablate/contracts';
import { type Database, runningAttempts } from '@ablate/db';
import { nullIfMissing } from '@ablate/files';

const OURS = /^([0-9a-f-]{36})-(\d+)$/;

/** Remove what attempts that are over have left: those whose worker was killed. */
export async function removeOldScratch(db: Database, scratch: string): Promise<void> {
  const names = (await nullIfMissing(readdir(scratch))) ?? [];
  const ours = names.filter((name) => OURS.test(name));
  if (ours.length === 0) return;
  const running = await runningAttempts(
    db,
    ours.map((name) => name.replace(OURS, '$1')),
  );
  const held = new Set(running.map(jobId));
  for (const name of ours) if (!held.has(name)) await rm(join(scratch, name), { recursive: true, force: true });
}
