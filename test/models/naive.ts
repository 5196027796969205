/** The maths of the networks in plain double-precision loops over arrays: the tests' reference. */

/** Rows of numbers: (T, D). */
export type Matrix = number[][];
export type Vector = number[];
/** Parameters of a network by name, as flat values with their shape. */
export type Values = Map<string, { shape: number[]; data: ArrayLike<number> }>;

const need = (values: Values, name: string) => {
  const found = values.get(name);
  if (!found) throw new Error(`no value ${name}`);
  return found;
};
export const vectorOf = (values: Values, name: string): Vector => Array.from(need(values, name).data);
export function matrixOf(values: Values, name: string): Matrix {
  const { shape, data } = need(values, name);
  const columns = shape.at(-1) ?? 1;
  return Array.from({ length: data.length / columns }, (_, r) =>
    Array.from({ length: columns }, (_, c) => data[r * columns + c] ?? Number.NaN),
  );
}

export const add = (a: Matrix, b: Matrix): Matrix =>
  a.map((row, r) => row.map((v, c) => v + (b[r]?.[c] ?? Number.NaN)));
const scale = (a: Matrix, by: number): Matrix => a.map((row) => row.map((v) => v * by));
const transpose = (a: Matrix): Matrix => (a[0] ?? []).map((_, c) => a.map((row) => row[c] ?? Number.NaN));
export const columns = (a: Matrix, from: number, to: number): Matrix => a.map((row) => row.slice(from, to));
const dot = (a: Vector, b: Vector): number => a.reduce((sum, v, i) => sum + v * (b[i] ?? Number.NaN), 0);
function product(a: Matrix, b: Matrix): Matrix {
  const across = transpose(b);
  return a.map((row) => across.map((column) => dot(row, column)));
}

export function linear(x: Matrix, values: Values, name: string): Matrix {
  const y = product(x, matrixOf(values, `${name}.weight`));
  if (!values.has(`${name}.bias`)) return y;
  const bias = vectorOf(values, `${name}.bias`);
  return y.map((row) => row.map((v, c) => v + (bias[c] ?? Number.NaN)));
}

export function layerNorm(x: Matrix, values: Values, name: string, epsilon = 1e-6): Matrix {
  const [gain, bias] = [vectorOf(values, `${name}.weight`), vectorOf(values, `${name}.bias`)];
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    return row.map((v, c) => ((v - mean) / Math.sqrt(variance + epsilon)) * (gain[c] ?? 0) + (bias[c] ?? 0));
  });
}

const softmax = (x: Matrix): Matrix =>
  x.map((row) => {
    const top = Math.max(...row);
    const powers = row.map((v) => Math.exp(v - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((v) => v / sum);
  });

/** The error function by its Taylor series, good to 1e-12 for |x| < 4. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
export const gelu = (x: Matrix): Matrix => x.map((row) => row.map((v) => (v / 2) * (1 + erf(v / Math.SQRT2))));

const beside = (parts: Matrix[]): Matrix => (parts[0] ?? []).map((_, r) => parts.flatMap((part) => part[r] ?? []));
const heads = (x: Matrix, count: number): Matrix[] => {
  const width = (x[0]?.length ?? 0) / count;
  return Array.from({ length: count }, (_, h) => columns(x, h * width, (h + 1) * width));
};
const attend = (q: Matrix, k: Matrix): Matrix =>
  softmax(scale(product(q, transpose(k)), 1 / Math.sqrt(q[0]?.length ?? 1)));

/** Rows [q | k | v] (T, 3D) to mixed values (T, D), and the map of each head. */
export function mixSoftmax(qkv: Matrix, count: number): { mixed: Matrix; maps: Matrix[] } {
  const width = (qkv[0]?.length ?? 0) / 3;
  const [q, k, v] = [0, 1, 2].map((i) => heads(columns(qkv, i * width, (i + 1) * width), count)) as [
    Matrix[],
    Matrix[],
    Matrix[],
  ];
  const maps = q.map((part, h) => attend(part, k[h] ?? []));
  return { mixed: beside(maps.map((map, h) => product(map, v[h] ?? []))), maps };
}

/** The same with differential attention; `name` is the path of λ's vectors and the norm, `layer` counts from 0. */
export function mixDifferential(
  qkv: Matrix,
  count: number,
  values: Values,
  name: string,
  layer: number,
): { mixed: Matrix; maps: Matrix[]; lambda: number } {
  const width = (qkv[0]?.length ?? 0) / 3;
  const [q, k] = [0, 1].map((i) => heads(columns(qkv, i * width, (i + 1) * width), 2 * count)) as [Matrix[], Matrix[]];
  const v = heads(columns(qkv, 2 * width, 3 * width), count);
  const start = 0.8 - 0.6 * Math.exp(-0.3 * layer);
  const of = (key: string) => vectorOf(values, `${name}.lambda_${key}`);
  const lambda = Math.exp(dot(of('q1'), of('k1'))) - Math.exp(dot(of('q2'), of('k2'))) + start;
  const gain = vectorOf(values, `${name}.sub_norm.weight`);
  const maps = v.map((_, h) =>
    add(attend(q[2 * h] ?? [], k[2 * h] ?? []), scale(attend(q[2 * h + 1] ?? [], k[2 * h + 1] ?? []), -lambda)),
  );
  const normed = maps.map((map, h) =>
    product(map, v[h] ?? []).map((row) => {
      const root = Math.sqrt(row.reduce((a, b) => a + b * b, 0) / row.length + 1e-5);
      return row.map((value, c) => (value / root) * (gain[c] ?? 0) * (1 - start));
    }),
  );
  return { mixed: beside(normed), maps, lambda };
}
