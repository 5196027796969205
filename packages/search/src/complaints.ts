/** Complaints about points: equal complaints about several points become one. */
import { count, jsonPointer, type PointerComplaint } from '@ablate/contracts';
import type { Candidate } from './space.ts';

/** Maximum number of complaints; further ones are counted. */
const MAX_COMPLAINTS = 10;

/** A pointer to the part of the submitted spec that set a path of a point's config: the closest axis, otherwise the fixed part. */
export function sourcePointer({ subspace, axes }: Candidate, path: readonly string[]): string {
  for (let length = path.length; length > 0; length--) {
    const axis = path.slice(0, length).join('.');
    if (Object.hasOwn(axes, axis)) return subspace.pointer(axis);
  }
  return jsonPointer(path);
}

/** Maximum length of a value in a complaint; an axis may hold whole parts. */
const MAX_CHARACTERS = 60;

function describe(axes: Record<string, unknown>): string {
  const values = Object.entries(axes).map(([path, value]) => {
    const text = JSON.stringify(value);
    return `${path} = ${text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text}`;
  });
  return values.join(', ');
}

/** Collects complaints about points. */
export function openComplaints() {
  const found = new Map<string, PointerComplaint & { first: Candidate; points: number }>();
  return {
    add(candidate: Candidate, pointer: string, detail: string): void {
      const key = JSON.stringify([pointer, detail]);
      const known = found.get(key);
      if (known) known.points++;
      else found.set(key, { pointer, detail, first: candidate, points: 1 });
    },
    /** All complaints; empty if every point is valid. */
    list(): PointerComplaint[] {
      const all = [...found.values()].map(({ pointer, detail, first, points }) => {
        const where = describe(first.axes);
        const more = points > 1 ? ` (${points} points, the first at ${where})` : ` (at ${where})`;
        return { pointer, detail: where === '' ? detail : detail + more };
      });
      const rest = all.length - MAX_COMPLAINTS;
      return rest > 0
        ? [...all.slice(0, MAX_COMPLAINTS), { pointer: '/space', detail: `and ${count(rest, 'more complaint')}` }]
        : all;
    },
  };
}
