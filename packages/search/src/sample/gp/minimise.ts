/** Minimises a smooth function within bounds: L-BFGS on the variables that are not held at a bound. */

export type Objective = (x: Float64Array) => { value: number; gradient: Float64Array };

/** Pairs of steps and changes of the gradient that are remembered. */
const MEMORY = 10;
/** A step must lower the value by this share of what the slope promises (Armijo). */
const SUFFICIENT = 1e-4;
const HALVINGS = 20;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/**
 * From `start`, which is moved within the bounds. Ends when the largest element of the projected gradient is at most `tolerance`, or after
 * `rounds`. Nocedal and Wright, Numerical Optimization, algorithm 7.4; bounds by projection (Bertsekas 1982). `objective` may return an infinite
 * value, from which it steps back.
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  {
    lower,
    upper,
    tolerance,
    rounds,
  }: { lower: number; upper: Float64Array | number; tolerance: number; rounds: number },
): { x: Float64Array; value: number } {
  const n = start.length;
  const top = (i: number): number => (typeof upper === 'number' ? upper : upper[i]!);
  const project = (x: Float64Array): Float64Array => x.map((value, i) => Math.min(Math.max(value, lower), top(i)));
  let x = project(start);
  let { value, gradient } = objective(x);
  const pairs: { step: Float64Array; change: Float64Array; rho: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const free = x.map((at, i) => ((at <= lower && gradient[i]! > 0) || (at >= top(i) && gradient[i]! < 0) ? 0 : 1));
    const slope = gradient.map((g, i) => g * free[i]!);
    if (slope.every((g) => Math.abs(g) <= tolerance)) break;
    let direction = slope.map((g) => -g);
    const weights: number[] = [];
    for (const { step, change, rho } of pairs.toReversed()) {
      const weight = rho * dot(step, direction);
      weights.push(weight);
      for (let i = 0; i < n; i++) direction[i]! -= weight * change[i]!;
    }
    const last = pairs.at(-1);
    const size = last ? 1 / (last.rho * dot(last.change, last.change)) : Math.min(1, 1 / Math.sqrt(dot(slope, slope)));
    for (let i = 0; i < n; i++) direction[i]! *= size;
    for (const { step, change, rho } of pairs) {
      const weight = weights.pop()! - rho * dot(change, direction);
      for (let i = 0; i < n; i++) direction[i]! += weight * step[i]!;
    }
    direction = direction.map((d, i) => d * free[i]!);
    if (!(dot(direction, slope) < 0)) {
      direction = slope.map((g) => -g);
      pairs.length = 0;
    }
    let length = 1;
    let next: Float64Array | null = null;
    let found = { value, gradient };
    for (let halving = 0; halving < HALVINGS; halving++, length /= 2) {
      const candidate = project(x.map((at, i) => at + length * direction[i]!));
      const promised = candidate.reduce((sum, to, i) => sum + slope[i]! * (to - x[i]!), 0);
      found = objective(candidate);
      if (found.value <= value + SUFFICIENT * promised && found.value < value) {
        next = candidate;
        break;
      }
    }
    if (!next) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    const step = next.map((to, i) => to - x[i]!);
    const change = found.gradient.map((g, i) => g - gradient[i]!);
    const curvature = dot(step, change);
    if (curvature > 1e-12 * dot(change, change)) {
      pairs.push({ step, change, rho: 1 / curvature });
      if (pairs.length > MEMORY) pairs.shift();
    }
    x = next;
    value = found.value;
    gradient = found.gradient;
  }
  return { x, value };
}
