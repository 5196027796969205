import { Spec } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { expand } from '@ablate/search';
import { createSweep, localContext } from '@ablate/sweeps';

/** Writes a sweep to the database, without an API; returns its id. @throws if the spec breaks a rule */
export async function queueSweep(db: Database, spec: unknown): Promise<string> {
  const parsed = Spec.parse(spec);
  const expansion = expand(parsed);
  if (!('points' in expansion)) throw new Error(JSON.stringify(expansion));
  return (await createSweep(localContext(db), { spec: parsed, points: expansion.points })).id;
}
