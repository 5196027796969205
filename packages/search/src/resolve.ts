/** From a point to its config: defaults filled in, constraints and rules checked. */
import { type Complaint, type Config, configResolver, type PointerComplaint, type Spec } from '@ablate/contracts';
import { sourcePointer } from './complaints.ts';
import type { Constraints } from './constraints.ts';
import { overlay, type Written } from './overlay.ts';
import type { Candidate } from './space.ts';

/** The broken rules of a config; paths start at its root. */
export type ConfigCheck = (config: Config) => Complaint[];

/** Maximum number of complaints about one point: it may have a key that is unknown for each of its bytes. */
const MAX_BROKEN = 20;

/** A config with the parts as a point writes them, or what is wrong with it. */
export type Resolved = { config: Config; written: Written } | { complaints: PointerComplaint[] };

/** Fills in the candidates of a spec, and checks constraints and rules. */
export function resolver(
  { dataset, model, train, augment }: Spec,
  check: ConfigCheck,
  constraints: Constraints,
): (candidate: Candidate) => Resolved | 'left out' {
  const fixed = { dataset, model, train, augment };
  const resolveParts = configResolver();
  return (candidate) => {
    const laid = overlay(fixed, candidate.axes);
    if ('axis' in laid)
      return { complaints: [{ pointer: candidate.subspace.pointer(laid.axis), detail: laid.message }] };
    const { written } = laid;
    const resolved = resolveParts(written);
    const allowed = 'config' in resolved ? constraints.allows(resolved.config) : true;
    if (typeof allowed === 'object') return { complaints: [allowed] };
    if (!allowed) return 'left out';
    const broken = 'config' in resolved ? check(resolved.config) : resolved.complaints;
    if ('config' in resolved && broken.length === 0) return { ...resolved, written };
    return {
      complaints: broken
        .slice(0, MAX_BROKEN)
        .map(({ path, message }) => ({ pointer: sourcePointer(candidate, path), detail: message })),
    };
  };
}
