/** Symmetric positive definite matrices of size n by n, row by row in one array. */

/** The lower triangle L with A = LLᵀ, in place; false if A is not positive definite. The upper triangle keeps its values. */
export function factorise(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = a[row + j]!;
      for (let k = 0; k < j; k++) sum -= a[row + k]! * a[other + k]!;
      a[row + j] = sum / a[other + j]!;
    }
    let rest = a[row + i]!;
    for (let k = 0; k < i; k++) rest -= a[row + k]! ** 2;
    if (!(rest > 0)) return false;
    a[row + i] = Math.sqrt(rest);
  }
  return true;
}

/** The x with Lx = y. */
export function solveLower(l: Float64Array, n: number, y: Float64Array): Float64Array {
  const x = Float64Array.from(y);
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  return x;
}

/** The x with Lᵀx = y. */
export function solveUpper(l: Float64Array, n: number, y: Float64Array): Float64Array {
  const x = Float64Array.from(y);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const value = x[i]! / l[row + i]!;
    x[i] = value;
    for (let k = 0; k < i; k++) x[k]! -= l[row + k]! * value;
  }
  return x;
}

/** The inverse of A = LLᵀ, both triangles. */
export function inverseOf(l: Float64Array, n: number): Float64Array {
  // Row j of `columns` is column j of L⁻¹, so that both loops run along rows.
  const columns = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const column = j * n;
    columns[column + j] = 1 / l[column + j]!;
    for (let i = j + 1; i < n; i++) {
      const row = i * n;
      let sum = 0;
      for (let k = j; k < i; k++) sum -= l[row + k]! * columns[column + k]!;
      columns[column + i] = sum / l[row + i]!;
    }
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += columns[i * n + k]! * columns[j * n + k]!;
      inverse[i * n + j] = sum;
      inverse[j * n + i] = sum;
    }
  return inverse;
}

/** Ax for a symmetric A. */
export function multiply(a: Float64Array, n: number, x: Float64Array): Float64Array {
  const product = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[i * n + k]! * x[k]!;
    product[i] = sum;
  }
  return product;
}
