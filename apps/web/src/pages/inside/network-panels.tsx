import { useMemo } from 'react';
import css from './inside.module.css';
import type { Grid, Inside } from './inside-file.ts';
import { Legend } from './legend.tsx';
import { MapCanvas } from './map-canvas.tsx';
import { PLAIN, scaleOf } from './paint.ts';
import type { Tensor } from './safetensors.ts';

const figures = (value: number): string => value.toFixed(2).replace('-', '−');

/** So many tiles in a row. */
const across = (columns: number) => ({
  gridTemplateColumns: `repeat(${columns}, 1fr)`,
  width: `min(${2.75 * columns}rem, 100%)`,
});

/** How alike positions are in the same row, in the same column, and elsewhere, of a tensor (q, q, s, s). */
function describePositions({ shape: [coarse = 1, , side = 1], data }: Tensor): string {
  const at = (index: number) => Math.floor(((index + 0.5) * side) / coarse);
  const sums = { row: [0, 0], column: [0, 0], elsewhere: [0, 0] } satisfies Record<string, [number, number]>;
  for (const [index, value] of data.entries()) {
    const [one, other] = [Math.floor(index / side ** 2), index % side ** 2];
    const sameRow = at(Math.floor(one / coarse)) === Math.floor(other / side);
    const sameColumn = at(one % coarse) === other % side;
    if (sameRow && sameColumn) continue;
    const sum = sums[sameRow ? 'row' : sameColumn ? 'column' : 'elsewhere'];
    sum[0] += value;
    sum[1]++;
  }
  const mean = ([sum, count]: [number, number]) => figures(count === 0 ? 0 : sum / count);
  return `in the same row ${mean(sums.row)}, in the same column ${mean(sums.column)}, elsewhere ${mean(sums.elsewhere)} on average`;
}

/** Similarity of positional embeddings: for each position, how alike all others are. ViT's figure 7. */
function Positions({ title, tensor }: { title: string; tensor: Tensor }) {
  const [coarse = 1, , rows = 1, columns = 1] = tensor.shape;
  const { tiles, scale } = useMemo(() => {
    const size = rows * columns;
    const grids = Array.from({ length: coarse * coarse }, (_, at): Grid => {
      return { rows, columns, data: tensor.data.subarray(at * size, (at + 1) * size) };
    });
    const signed = tensor.data.some((value) => value < 0);
    const shared = scaleOf(grids, signed);
    return { tiles: grids.map((grid) => ({ image: null, grid, scale: shared })), scale: shared };
  }, [tensor, coarse, rows, columns]);
  const words = describePositions(tensor);
  return (
    <figure className={css.figure}>
      <figcaption>{title}</figcaption>
      <div role="img" aria-label={`${title}: ${words}`} className={css.positions} style={across(coarse)}>
        {tiles.map((painting, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a position is its place
          <MapCanvas key={at} painting={painting} pictures={null} most={64} />
        ))}
      </div>
      <Legend scale={scale} text={figures} />
      <p className={css.quiet}>Cosine of embeddings: {words}.</p>
    </figure>
  );
}

/** A kernel (k, k, 3) as a picture: grey is 0, all kernels on one scale. */
function Filter({ values, side, most }: { values: Float32Array; side: number; most: number }) {
  const pictures = useMemo(() => {
    const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let pixel = 0; pixel < side * side; pixel++)
      for (let channel = 0; channel < 3; channel++)
        pixels[4 * pixel + channel] = 127.5 + (127.5 * (values[3 * pixel + channel] ?? 0)) / most;
    return { side, count: 1, pixels };
  }, [values, side, most]);
  const painting = useMemo(() => ({ image: 0, grid: null, scale: PLAIN }), []);
  return <MapCanvas painting={painting} pictures={pictures} />;
}

function Filters({ tensor }: { tensor: Tensor }) {
  const [count = 0, side = 1] = tensor.shape;
  const size = side * side * 3;
  const filters = useMemo(
    () => Array.from({ length: count }, (_, at) => tensor.data.subarray(at * size, (at + 1) * size)),
    [tensor, count, size],
  );
  const most = tensor.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  return (
    <figure className={css.figure}>
      <figcaption>First-layer filters</figcaption>
      <div
        role="img"
        aria-label={`${count} filters of ${side} × ${side} pixels`}
        className={css.positions}
        style={across(8)}
      >
        {filters.map((values, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a filter is its place
          <Filter key={at} values={values} side={side} most={most} />
        ))}
      </div>
      <p className={css.quiet}>
        {count} kernels of {side} × {side} pixels on one scale: grey is 0, a channel is bright where its weight is
        above.
      </p>
    </figure>
  );
}

/** What belongs to the model alone, whatever the image is. */
export function NetworkPanels({ inside: { tensors } }: { inside: Inside }) {
  const positions = [...tensors].filter(([name]) => name.startsWith('positions'));
  const filters = tensors.get('filters');
  if (positions.length === 0 && !filters) return null;
  return (
    <div className={css.network}>
      {positions.map(([name, tensor]) => {
        const [, branch] = name.split('.');
        const title = `Similarity of positions${branch ? `, ${branch} branch` : ''}`;
        return <Positions key={name} title={title} tensor={tensor} />;
      })}
      {filters && <Filters tensor={filters} />}
    </div>
  );
}
