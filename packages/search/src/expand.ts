/** A spec in, its configs out: pure, and the same every time. */
import { type Config, canonicalHash, configComplaints, resolveConfig, type Spec } from '@ablate/contracts';
import { baselineComplaints } from './baseline.ts';
import { openComplaints, type PointerComplaint, sourcePointer } from './complaints.ts';
import { grid, totalSize } from './grid.ts';
import { limitComplaints } from './limits.ts';
import { overlay } from './overlay.ts';
import { random } from './random.ts';
import { type Candidate, type Subspace, subspaces } from './space.ts';

export type Point = { config: Config; axes: Record<string, unknown>; hash: string };
export type Expansion = { points: Point[] } | { complaints: PointerComplaint[] };

/** A grid's points, or draws; a space of no more points than are to be drawn is taken whole. */
function* candidates({ search }: Spec, spaces: readonly Subspace[]): Generator<Candidate> {
  if (search.method === 'random' && !isSmall(spaces, search.samples)) yield* random(spaces, search.seed);
  else for (const subspace of spaces) yield* grid(subspace);
}

const isSmall = (spaces: readonly Subspace[], samples: number): boolean =>
  spaces.every(({ axes }) => axes.every(([, axis]) => Array.isArray(axis))) && totalSize(spaces) <= samples;

/**
 * Every config of a sweep, in a stable order: the grid's, or the order of the draws. Configs that are equal once their
 * defaults are filled in are one. A sweep is whole or not at all: if any point breaks a rule, there are complaints instead,
 * each with a pointer (RFC 6901) into the submitted spec.
 */
export function expand(spec: Spec): Expansion {
  const spaces = subspaces(spec);
  const limits = limitComplaints(spec, spaces);
  if (limits.length > 0) return { complaints: limits };

  const wanted = spec.search.method === 'random' ? spec.search.samples : Number.POSITIVE_INFINITY;
  const complaints = openComplaints();
  const points = new Map<string, Point>();
  let broken = 0;
  for (const candidate of candidates(spec, spaces)) {
    const resolved = resolve(spec, candidate);
    if ('config' in resolved) {
      const hash = canonicalHash(resolved.config);
      if (!points.has(hash)) points.set(hash, { config: resolved.config, axes: candidate.axes, hash });
    } else {
      broken++;
      for (const { pointer, detail } of resolved.complaints) complaints.add(candidate, pointer, detail);
    }
    if (points.size + broken === wanted) break;
  }

  const told = complaints.told();
  if (told.length > 0) return { complaints: told };
  const found = [...points.values()];
  const baseline = baselineComplaints(spec, spaces, found);
  return baseline.length > 0 ? { complaints: baseline } : { points: found };
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
