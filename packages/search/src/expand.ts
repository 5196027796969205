/** From a spec to its configs: a pure function. */
import {
  type Config,
  canonicalHash,
  configComplaints,
  drawnBy,
  jsonPointer,
  namesConfigsFirst,
  type PointerComplaint,
  type Search,
  type Spec,
} from '@ablate/contracts';
import { baselineComplaints } from './baseline.ts';
import { openComplaints } from './complaints.ts';
import { watchConditions } from './conditions.ts';
import { openConstraints } from './constraints.ts';
import { grid } from './grid.ts';
import { limitComplaints, tooLarge } from './limits.ts';
import { random } from './random.ts';
import { type ConfigCheck, resolver } from './resolve.ts';
import { openRoom } from './room.ts';
import { sharedAxes } from './shared-axes.ts';
import { type Method, readSubspaces } from './space.ts';

export type Point = { config: Config; axes: Record<string, unknown>; hash: string };
/** `seen`: candidates. `valid`: those that neither a constraint nor a rule rejects; some are the same config. `rejected`: why others are not. */
export type Expansion =
  | { points: Point[]; seen: number; valid: number; rejected: PointerComplaint[] }
  | { complaints: PointerComplaint[] };

/** Configs that are drawn of a space whose search chooses later: they show that it has valid points, and what these cost. */
const EXPLORED = 64;

function methodOf(search: Search): Method {
  switch (search.method) {
    case 'grid':
    case 'compare':
      return grid;
    case 'random':
      return random(search);
    default:
      return {
        ...random({ samples: Math.min(drawnBy(search) ?? EXPLORED, EXPLORED), seed: search.seed }),
        skipsInvalid: true,
      };
  }
}

/**
 * Every config of a sweep, in a stable order: that of the grid, or of the draws. Configs that are equal after their
 * defaults are filled in become one; configs that a constraint rejects are left out. If any point breaks a rule, returns complaints instead, each with a JSON pointer
 * (RFC 6901) into the submitted spec. Time and memory are bounded for every spec; a large one takes seconds, so a server
 * calls this in a thread. Of a search that chooses its configs later, the points are some that it might choose; points that break a rule are no
 * reason to refuse it as long as others are valid.
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
  let [broken, seen, valid] = [0, 0, 0];
  for (const candidate of method.candidates(spaces)) {
    if ('complaint' in candidate) return { complaints: [candidate.complaint] };
    if (!room.take(candidate)) return { complaints: [room.complaint()] };
    seen++;
    conditions.see(candidate);
    const resolved = resolve(candidate);
    if (resolved === 'left out') continue;
    if ('config' in resolved) {
      const { config, written } = resolved;
      valid++;
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
  if (found.length > 0 && !(method.skipsInvalid && points.size > 0)) return { complaints: found };
  const distinct = [...points.values()];
  const left = [
    ...(method.isExhaustive ? conditions.unfulfilled() : []),
    ...constraints.complaints(distinct.length),
    ...tooLarge(spec, method, distinct.length),
  ];
  if (left.length > 0) return { complaints: left };
  const baseline = baselineComplaints(spec, method, spaces, distinct);
  if (baseline.length > 0) return { complaints: baseline };
  const expansion = { points: distinct, seen, valid, rejected: [...constraints.rejections(), ...found] };
  if (spec.baseline === undefined || namesConfigsFirst(spec.search)) return expansion;
  const own = resolve({ subspace: spaces[0]!, axes: spec.baseline });
  if (own !== 'left out' && 'config' in own) return expansion;
  const why = own === 'left out' ? 'a constraint rejects it' : own.complaints.map(({ detail }) => detail).join('; ');
  return { complaints: [{ pointer: jsonPointer(['baseline']), detail: `the baseline is no valid config: ${why}` }] };
}
