/** Several images of this package as one, one below the other. */
import { element } from './svg.ts';

const SIZE = /viewBox="0 0 ([\d.]+) ([\d.]+)"/;

export function stack(images: readonly string[]): string {
  let [width, height] = [0, 0];
  const placed = images.map((svg) => {
    const [, wide, high] = SIZE.exec(svg) ?? [];
    const at = height;
    width = Math.max(width, Number(wide));
    height += Number(high);
    return svg.replace('<svg ', `<svg y="${at}" `);
  });
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height },
    ...placed,
  );
}
