/** From a spec to its configs: a pure function. */
import {
  type Complaint,
  type Config,
  canonicalHash,
  configComplaints,
  configResolver,
  type PointerComplaint,
  type Search,
  type Spec,
} from '@ablate/contracts';
import { baselineComplaints } from './baseline.ts';
import { openComplaints, sourcePointer } from './complaints.ts';
import { watchConditions } from './conditions.ts';
import { type Constraints, openConstraints } from './constraints.ts';
import { grid } from './grid.ts';
import { limitComplaints, tooLarge } from './limits.ts';
import { overlay, type Written } from './overlay.ts';
import { random } from './random.ts';
import { openRoom } from './room.ts';
import { sharedAxes } from './shared-axes.ts';
import { type Candidate, type Method, readSubspaces } from './space.ts';

export type Point = { config: Config; axes: Record<string, unknown>; hash: string };
/** The broken rules of a config; paths start at its root. */
export type ConfigCheck = (config: Config) => Complaint[];
export type Expansion = { points: Point[] } | { complaints: PointerComplaint[] };

/** Maximum number of complaints about one point: it may have a key that is unknown for each of its bytes. */
const MAX_BROKEN = 20;

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
 * defaults are filled in become one; configs that a constraint rejects are left out. If any point breaks a rule, returns complaints instead, each with a JSON pointer
 * (RFC 6901) into the submitted spec. Time and memory are bounded for every spec; a large one takes seconds, so a server
 * calls this in a thread.
 * @param check the rules of a config
 */
export function expand(spec: Spec, check: ConfigCheck = configComplaints): Expansion {
  const read = readSubspaces(spec);
  if ('complaints' in read) return read;
  const { subspaces: spaces } = read;
  const constraints = openConstraints(spec);
  if ('invalid' in constraints) return { complaints: constraints.invalid };
  const method = methodOf(spec.search);
  const limits = limitComplaints(spec, method, spaces);
  if (limits.length > 0) return { complaints: limits };

  const complaints = openComplaints();
  const resolve = resolver(spec, check, constraints);
  const shared = sharedAxes(spaces);
  const conditions = watchConditions(spaces);
  const room = openRoom(spec);
  const points = new Map<string, Point>();
  let broken = 0;
  for (const candidate of method.candidates(spaces)) {
    if ('complaint' in candidate) return { complaints: [candidate.complaint] };
    if (!room.take(candidate)) return { complaints: [room.complaint()] };
    conditions.see(candidate);
    const resolved = resolve(candidate);
    if (resolved === 'left out') continue;
    if ('config' in resolved) {
      const { config, written } = resolved;
      const hash = canonicalHash(config);
      const known = points.get(hash);
      if (known) shared.merge(known, candidate);
      else if (room.takeConfig(config))
        points.set(hash, { config, axes: shared.fill(candidate, { spec, written, config }), hash });
      else return { complaints: [room.complaint()] };
    } else {
      broken++;
      for (const { pointer, detail } of resolved.complaints) complaints.add(candidate, pointer, detail);
    }
    if (points.size + broken === method.wanted) break;
  }

  const found = complaints.list();
  if (found.length > 0) return { complaints: found };
  const distinct = [...points.values()];
  const left = [
    ...(method.isExhaustive ? conditions.unfulfilled() : []),
    ...constraints.complaints(distinct.length),
    ...tooLarge(spec, method, distinct.length),
  ];
  if (left.length > 0) return { complaints: left };
  const baseline = baselineComplaints(spec, method, spaces, distinct);
  return baseline.length > 0 ? { complaints: baseline } : { points: distinct };
}

type Resolved = { config: Config; written: Written } | { complaints: PointerComplaint[] };

/** Fills in the candidates of a spec, and checks constraints and rules. */
function resolver(
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
