import type { ConfigComparison } from '@ablate/contracts';

/** The positions by which the configs look: those of their sweep, or their places in the comparison where two would look the same. */
export function looksOf({ rows }: ConfigComparison): number[] {
  const own = rows.map(({ position }) => position);
  return new Set(own).size === own.length ? own : rows.map((_, i) => i);
}
