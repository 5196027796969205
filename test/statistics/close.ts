import assert from 'node:assert/strict';

/** Equal to within a relative error, or within `absolute`. */
export function close(actual: number, expected: number, relative: number, what: string, absolute = 0): void {
  const error = Math.abs(actual - expected);
  assert.ok(
    error <= relative * Math.abs(expected) || error <= absolute,
    `${what}: ${actual} instead of ${expected}, relative error ${error / Math.abs(expected)}`,
  );
}
