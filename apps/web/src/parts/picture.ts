/** Plots of a page as one SVG file that looks the same outside of the page. */

const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'paint-order',
  'opacity',
  'font-size',
  'font-family',
  'font-weight',
  'text-anchor',
  'color',
];
const GAP = 16;
const TITLE = 22;

/** A copy of a plot with its styles written out. */
function standalone(svg: SVGSVGElement): SVGSVGElement | null {
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return null;
  const originals = [svg, ...svg.querySelectorAll('*')];
  for (const [i, target] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[i];
    if (!original) continue;
    const computed = getComputedStyle(original);
    for (const name of STYLES) target.setAttribute(name, computed.getPropertyValue(name));
    target.removeAttribute('class');
  }
  return copy;
}

/** The plots in `body`, one below the other, each under its `data-title`; undefined if there are none. */
export function drawnPicture(body: Element): string | undefined {
  const plots = [...body.querySelectorAll<SVGSVGElement>('svg[data-plot]')];
  if (plots.length === 0) return undefined;
  const whole = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const page = getComputedStyle(body);
  const background = getComputedStyle(document.documentElement).backgroundColor;
  let [width, height] = [0, 0];
  for (const plot of plots) {
    const copy = standalone(plot);
    if (!copy) continue;
    const box = plot.viewBox.baseVal;
    if (plot.dataset.title) {
      const title = document.createElementNS(whole.namespaceURI, 'text');
      title.textContent = plot.dataset.title;
      for (const [name, value] of Object.entries({
        x: '4',
        y: String(height + 15),
        fill: page.color,
        'font-family': page.fontFamily,
        'font-size': '13px',
        'font-weight': '600',
      }))
        title.setAttribute(name, value);
      whole.append(title);
      height += TITLE;
    }
    for (const [name, value] of Object.entries({ y: height, width: box.width, height: box.height }))
      copy.setAttribute(name, String(value));
    whole.append(copy);
    width = Math.max(width, box.width);
    height += box.height + GAP;
  }
  whole.setAttribute('viewBox', `0 0 ${width} ${height - GAP}`);
  whole.setAttribute('width', String(width));
  whole.setAttribute('height', String(height - GAP));
  const surface = document.createElementNS(whole.namespaceURI, 'rect');
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: background }))
    surface.setAttribute(name, value);
  whole.prepend(surface);
  return new XMLSerializer().serializeToString(whole);
}
