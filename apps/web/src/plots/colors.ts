import { SERIES, seriesDash } from '@ablate/plots';

/** Colours of configs: by position in the sweep, so that a config has one colour on every page. */
export const seriesColor = (position: number): string => `var(--series-${position % SERIES.length})`;

/** How the curve of a config is drawn. */
export const seriesLook = (position: number) => ({ color: seriesColor(position), dash: seriesDash(position) });

/** The colour as the canvas wants it: the value of the custom property now. */
export function resolveColor(color: string): string {
  const [, name] = /^var\((.*)\)$/.exec(color) ?? [];
  if (!name) return color;
  const probe = document.createElement('span');
  probe.style.color = color;
  document.body.append(probe);
  const { color: resolved } = getComputedStyle(probe);
  probe.remove();
  return resolved;
}
