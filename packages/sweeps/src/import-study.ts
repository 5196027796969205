/** The stored results of a study as sweeps of this installation, so that SQL, pages and answers show them. */
import { canonicalHash, type ScaleName, type SweepView } from '@ablate/contracts';
import { type Study, storedSweeps } from '@ablate/studies';
import type { Context } from './context.ts';
import { importSweep } from './import-sweep.ts';
import { refusal } from './refusal.ts';

/**
 * Imports the results of a study at a scale, one sweep for each of its own. Results that were imported before are the same sweeps. Refuses
 * (`not_found`) a study without stored results of runs.
 */
export async function importStudy(
  context: Context,
  { study, scale }: { study: Study; scale: ScaleName },
): Promise<SweepView[]> {
  const stored = await storedSweeps(study, scale);
  if (stored === null) throw refusal.noStoredResults(study.name, scale);
  const imported: SweepView[] = [];
  for (const { name, spec, points, runs } of stored) {
    const submission = {
      key: `import:${study.name}:${name}:${scale}:${canonicalHash(runs).slice(0, 16)}`,
      specHash: canonicalHash(spec),
    };
    imported.push(await importSweep(context, { spec, points, submission, runs }));
  }
  return imported;
}
