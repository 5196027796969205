/** Complaints about points, gathered: the same complaint of many points is made once. */
import { jsonPointer } from '@ablate/contracts';
import type { Candidate } from './space.ts';

export type PointerComplaint = { pointer: string; detail: string };

/** Complaints made at most; the rest is counted. */
const SHOWN = 10;

/** Where a path of a point's config comes from in the submitted spec: the closest axis that set it, else the fixed part. */
export function sourcePointer({ subspace, axes }: Candidate, path: readonly string[]): string {
  for (let length = path.length; length > 0; length--) {
    const axis = path.slice(0, length).join('.');
    if (Object.hasOwn(axes, axis)) return subspace.pointer(axis);
  }
  return jsonPointer(path);
}

/** Characters of a value that are told; an axis may hold whole parts. */
const TOLD = 60;

function describe(axes: Record<string, unknown>): string {
  const told = Object.entries(axes).map(([path, value]) => {
    const text = JSON.stringify(value);
    return `${path} = ${text.length > TOLD ? `${text.slice(0, TOLD)}…` : text}`;
  });
  return told.join(', ');
}

/** Collects what is wrong with points, and tells it once for all of them. */
export function openComplaints() {
  const found = new Map<string, PointerComplaint & { first: Candidate; points: number }>();
  return {
    add(candidate: Candidate, pointer: string, detail: string): void {
      const key = JSON.stringify([pointer, detail]);
      const known = found.get(key);
      if (known) known.points++;
      else found.set(key, { pointer, detail, first: candidate, points: 1 });
    },
    /** Empty where nothing is wrong. */
    told(): PointerComplaint[] {
      const all = [...found.values()].map(({ pointer, detail, first, points }) => {
        const where = describe(first.axes);
        const more = points > 1 ? ` (${points} points, the first at ${where})` : ` (at ${where})`;
        return { pointer, detail: where === '' ? detail : detail + more };
      });
      const rest = all.length - SHOWN;
      return rest > 0 ? [...all.slice(0, SHOWN), { pointer: '/space', detail: `and ${rest} more complaints` }] : all;
    },
  };
}
