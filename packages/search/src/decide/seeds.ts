/** Seeds beyond those of a spec. */

/** The seeds of a spec, then the next whole numbers after the largest, `count` in all. */
export function seedSequence(written: readonly number[], count: number): number[] {
  const more = freshSeeds(written, Math.max(0, count - written.length));
  return [...written, ...more].slice(0, count);
}

/** Seeds that are not among `used`: the next whole numbers after the largest. */
export function freshSeeds(used: readonly number[], count: number): number[] {
  const largest = Math.max(...used);
  return Array.from({ length: count }, (_, i) => largest + 1 + i);
}
