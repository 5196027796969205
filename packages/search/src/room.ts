/** Bounds the memory and the time of an expansion, which grow with the JSON that it reads and makes. */
import { type Config, jsonPointer, type PointerComplaint, type Spec } from '@ablate/contracts';
import type { Candidate } from './space.ts';

/** Maximum bytes of the JSON of all configs of a sweep: 3 KiB for each of 10,000. */
const MAX_BYTES = 32 * 2 ** 20;

/** Bytes of a number, true, false or null. */
const SCALAR = 8;

/** The length of the JSON of a value; that of an object is computed once. */
function lengths(): (value: unknown) => number {
  const known = new WeakMap<object, number>();
  return (value) => {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return SCALAR;
    const length = known.get(value) ?? JSON.stringify(value).length;
    known.set(value, length);
    return length;
  };
}

export type Room = {
  /** Takes the room of a candidate as it is written. False if none is left: the search must end. */
  take(candidate: Candidate): boolean;
  /** Takes what a config is longer than its candidate. */
  takeConfig(config: Config): boolean;
  /** The complaint about a search that needs more room. */
  complaint(): PointerComplaint;
};

/** The room that is left to the candidates and configs of one spec. */
export function openRoom({ dataset, model, train, augment }: Spec): Room {
  const lengthOf = lengths();
  const fixed = { dataset, model, train, augment };
  const fixedBytes = JSON.stringify(fixed).length;
  let left = MAX_BYTES;
  let written = 0;
  let candidates = 0;
  const take = (bytes: number): boolean => {
    left -= bytes;
    return left >= 0;
  };
  return {
    take({ axes }) {
      candidates++;
      written = fixedBytes;
      for (const path of Object.keys(axes)) written += path.length + lengthOf(axes[path]);
      return take(written);
    },
    takeConfig(config) {
      let bytes = 0;
      for (const part of Object.values(config)) bytes += lengthOf(part);
      return take(Math.max(0, bytes - written));
    },
    complaint() {
      const longest = Object.entries(fixed).sort(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length);
      const isFixed = fixedBytes * candidates > MAX_BYTES / 2;
      return {
        pointer: isFixed ? jsonPointer([longest[0]?.[0] ?? 'space']) : '/space',
        detail:
          `${candidates} points already need more than ${MAX_BYTES / 2 ** 20} MiB of JSON, the limit of a sweep: ` +
          'remove values from an axis, or shorten the longest part, such as a list of classes',
      };
    },
  };
}
