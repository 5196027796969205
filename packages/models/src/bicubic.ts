/** Bicubic interpolation as PyTorch's `interpolate(mode='bicubic', align_corners=False)` does it: a = -0.75, no antialiasing, edges repeated. */
import type { tf } from '@ablate/engine';
import type { Context } from './ops.ts';

const A = -0.75;

/** Weight of a sample at `distance`. Keys 1981. */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return ((A + 2) * d - (A + 3)) * d * d + 1;
  if (d < 2) return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
  return 0;
}

/**
 * Interpolation along one axis as a matrix (from, to), row-major: output = input · matrix.
 * `scale` is how many input steps an output step takes; from / to if absent.
 */
function bicubicMatrix(from: number, to: number, scale = from / to): Float32Array {
  const matrix = new Float32Array(from * to);
  const step = Math.fround(scale);
  for (let target = 0; target < to; target++) {
    // PyTorch computes sample positions in float32, and rounds product and difference together.
    const source = Math.fround(step * (target + 0.5) - 0.5);
    const first = Math.floor(source) - 1;
    for (let sample = first; sample < first + 4; sample++) {
      const clamped = Math.min(Math.max(sample, 0), from - 1);
      const at = clamped * to + target;
      matrix[at] = (matrix[at] ?? 0) + cubic(source - sample);
    }
  }
  return matrix;
}

/** Square images (B, S, S, C) to (B, size, size, C); returns the same tensor if the sizes are equal. */
export function resizeImages(from: number, to: number): (images: tf.Tensor, context: Context) => tf.Tensor {
  if (from === to) return (images) => images;
  const matrix = bicubicMatrix(from, to);
  return (images, { ops }) => {
    const weights = ops.tf.tensor(matrix, [from, to], 'float32');
    const rows = ops.linear(images.transpose([0, 2, 3, 1]), weights, null); // (B, S, C, size)
    return ops.linear(rows.transpose([0, 3, 2, 1]), weights, null).transpose([0, 1, 3, 2]);
  };
}

export type PositionShape = { from: [number, number]; to: [number, number]; width: number; prefix: number };

/**
 * Learned positions resized to a different grid, as DINO does: the first `prefix` rows (class token) are copied, the grid is interpolated
 * with the target 0.1 larger than it is, against rounding (facebookresearch/dino#8). `table` is (prefix + rows·columns, width), row-major.
 */
export function resizePositions(table: Float32Array, { from, to, width, prefix }: PositionShape): Float32Array {
  const [rows, columns] = from;
  const [toRows, toColumns] = to;
  if (table.length !== (prefix + rows * columns) * width)
    throw new Error(
      `expected a table of (${prefix} + ${rows} × ${columns}) positions × ${width} values, found ${table.length} values`,
    );
  if (rows === toRows && columns === toColumns) return table.slice();
  const vertical = bicubicMatrix(rows, toRows, rows / (toRows + 0.1));
  const horizontal = bicubicMatrix(columns, toColumns, columns / (toColumns + 0.1));
  const resized = new Float32Array((prefix + toRows * toColumns) * width);
  resized.set(table.subarray(0, prefix * width));
  for (let y = 0; y < toRows; y++)
    for (let x = 0; x < toColumns; x++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const weight = (vertical[row * toRows + y] ?? 0) * (horizontal[column * toColumns + x] ?? 0);
          if (weight === 0) continue;
          const source = (prefix + row * columns + column) * width;
          const target = (prefix + y * toColumns + x) * width;
          for (let i = 0; i < width; i++)
            resized[target + i] = (resized[target + i] ?? 0) + weight * (table[source + i] ?? 0);
        }
  return resized;
}
