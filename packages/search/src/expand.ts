/** From a spec to its configs: a pure function. */
import { type Config, canonicalHash, configComplaints, resolveConfig, type Search, type Spec } from '@ablate/contracts';
import { baselineComplaints } from './baseline.ts';
import { openComplaints, type PointerComplaint, sourcePointer } from './complaints.ts';
import { grid } from './grid.ts';
import { limitComplaints } from './limits.ts';
import { overlay } from './overlay.ts';
import { random } from './random.ts';
import { type Candidate, type Method, subspaces } from './space.ts';

export type Point = { config: Config; axes: Record<string, unknown>; hash: string };
export type Expansion = { points: Point[] } | { complaints: PointerComplaint[] };

function methodOf(search: Search): Method {
  switch (search.method) {
    case 'grid':
      return grid;
    case 'random':
      return random(search);
  }
}

/**
 * Every config of a sweep, in a stable order: that of the grid, or of the draws. Configs that are equal after their
 * defaults are filled in become one. If any point breaks a rule, returns complaints instead, each with a JSON pointer
 * (RFC 6901) into the submitted spec.
 */
export function expand(spec: Spec): Expansion {
  const spaces = subspaces(spec);
  const method = methodOf(spec.search);
  const limits = limitComplaints(spec, method, spaces);
  if (limits.length > 0) return { complaints: limits };

  const complaints = openComplaints();
  const points = new Map<string, Point>();
  let broken = 0;
  for (const candidate of method.candidates(spaces)) {
    const resolved = resolve(spec, candidate);
    if ('config' in resolved) {
      const hash = canonicalHash(resolved.config);
      if (!points.has(hash)) points.set(hash, { config: resolved.config, axes: candidate.axes, hash });
    } else {
      broken++;
      for (const { pointer, detail } of resolved.complaints) complaints.add(candidate, pointer, detail);
    }
    if (points.size + broken === method.wanted) break;
  }

  const found = complaints.list();
  if (found.length > 0) return { complaints: found };
  const distinct = [...points.values()];
  const baseline = baselineComplaints(spec, method, spaces, distinct);
  return baseline.length > 0 ? { complaints: baseline } : { points: distinct };
}

function resolve(spec: Spec, candidate: Candidate): { config: Config } | { complaints: PointerComplaint[] } {
  const { dataset, model, train, augment } = spec;
  const laid = overlay({ dataset, model, train, augment }, candidate.axes);
  if ('axis' in laid) return { complaints: [{ pointer: candidate.subspace.pointer(laid.axis), detail: laid.message }] };
  const resolved = resolveConfig(laid.written);
  const broken = 'config' in resolved ? configComplaints(resolved.config) : resolved.complaints;
  if ('config' in resolved && broken.length === 0) return resolved;
  return {
    complaints: broken.map(({ path, message }) => ({ pointer: sourcePointer(candidate, path), detail: message })),
  };
}
