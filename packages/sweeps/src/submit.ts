/** Turns a spec into a sweep. An invalid spec is refused before anything is written. */
import { canonicalHash, type Spec, type SweepView } from '@ablate/contracts';
import { expand, type Point } from '@ablate/search';
import { z } from 'zod';
import type { Context } from './context.ts';
import { createSweep, findSubmission } from './create-sweep.ts';
import { refusal } from './refusal.ts';

const PLANNED = 20;

/** The configs and runs that a spec would submit. */
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
  throw refusal.invalidSpec(expansion.complaints);
}

/** Plans a sweep without submitting it. Refuses (`invalid_spec`) a spec that cannot be expanded. */
export function planSweep(_: Context, spec: Spec): Plan {
  const points = expandOrRefuse(spec);
  return { configs: points.length, runs: points.length * spec.seeds.length, points: points.slice(0, PLANNED) };
}

/**
 * Submits a spec. A repeated key returns the sweep of the first submission. Refuses a spec that cannot be expanded
 * (`invalid_spec`) and a key that was used for a different spec (`key_reused`).
 */
export async function submitSweep(context: Context, { spec, key }: { spec: Spec; key?: string }): Promise<SweepView> {
  const submission = key === undefined ? undefined : { key, specHash: canonicalHash(spec) };
  const earlier = submission && (await findSubmission(context, submission));
  return earlier ?? createSweep(context, { spec, points: expandOrRefuse(spec), submission });
}
