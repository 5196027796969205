/** A spec becomes a sweep, or is refused whole before anything is written. */
import { canonicalHash, type Spec, type SweepView } from '@ablate/contracts';
import { type Database, Refusal } from '@ablate/db';
import { expand, type Point } from '@ablate/search';
import { z } from 'zod';
import { createSweep, findSubmission } from './sweeps/create-sweep.ts';

const PLANNED = 20;

/** What a sweep would be, without its being submitted. */
export const Plan = z.strictObject({
  configs: z.int().min(0),
  runs: z.int().min(0),
  points: z
    .array(z.strictObject({ axes: z.record(z.string(), z.unknown()), hash: z.string(), config: z.unknown() }))
    .describe(`The first ${PLANNED} configs`),
});
export type Plan = z.infer<typeof Plan>;

function expandOrRefuse(spec: Spec): Point[] {
  const expansion = expand(spec);
  if ('points' in expansion) return expansion.points;
  throw new Refusal('invalid_spec', 'nothing was queued', expansion.complaints);
}

export function planSweep(spec: Spec): Plan {
  const points = expandOrRefuse(spec);
  return { configs: points.length, runs: points.length * spec.seeds.length, points: points.slice(0, PLANNED) };
}

/** Submit a spec. With a key that came before, the answer is the one that was given then. */
export async function submitSweep(db: Database, spec: Spec, key?: string): Promise<SweepView> {
  const submission = key === undefined ? undefined : { key, specHash: canonicalHash(spec) };
  const before = submission && (await findSubmission(db, submission));
  return before ?? createSweep(db, { spec, points: expandOrRefuse(spec), submission });
}
