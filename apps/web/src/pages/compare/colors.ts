import type { ConfigComparison } from '@ablate/contracts';
import { seriesColor } from '../../plots/colors.ts';

/** The colours of the configs: those of their sweep, or by place in the comparison where two would have the same. */
export function colorsOf({ rows }: ConfigComparison): string[] {
  const own = rows.map(({ position }) => seriesColor(position));
  return new Set(own).size === own.length ? own : rows.map((_, i) => seriesColor(i));
}
