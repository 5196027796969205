/** How far two outputs of a network are apart. */

/** The largest absolute difference, relative to the largest absolute value of `expected`; absolute if that is 0. */
export function relativeDifference(found: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0) || 1;
  return found.reduce((max, value, at) => Math.max(max, Math.abs(value - (expected[at] ?? 0))), 0) / scale;
}

/** In how many of `rows` rows (rows, K) the largest value has the same index. */
export function sameArgmax(found: Float32Array, expected: Float32Array, rows: number): number {
  const width = expected.length / rows;
  const best = (values: Float32Array, row: number): number => {
    const part = values.subarray(row * width, (row + 1) * width);
    return part.indexOf(part.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  };
  return Array.from({ length: rows }, (_, row) => best(found, row) === best(expected, row)).filter(Boolean).length;
}
