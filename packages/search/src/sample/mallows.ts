/** Orders of items: their distance, and the distribution that falls with it. */
import type { CountedRandom } from '@ablate/random';

/** Kendall's distance: pairs of items that two orders place differently. O(n²). */
export function kendallDistance(a: readonly number[], b: readonly number[]): number {
  const place = new Int32Array(b.length);
  b.forEach((item, i) => {
    place[item] = i;
  });
  let pairs = 0;
  for (let i = 0; i < a.length; i++) for (let j = i + 1; j < a.length; j++) if (place[a[i]!]! > place[a[j]!]!) pairs++;
  return pairs;
}

/**
 * Mallows' distribution of orders of n items, exp(-theta · distance from a centre). `logWhole` is the log of its normaliser. Mallows 1957; drawn by repeated
 * insertion (Doignon, Pekeč and Regenwetter 2004).
 */
export function mallows(n: number, theta: number) {
  /** Weights of an item's place when it is the i-th to be inserted: 1, e^-θ, e^-2θ, … counted from the end. */
  const whole = (i: number): number =>
    Array.from({ length: i }, (_, j) => Math.exp(-theta * j)).reduce((a, b) => a + b);
  const wholes = Array.from({ length: n }, (_, i) => whole(i + 1));
  return {
    logWhole: wholes.reduce((sum, one) => sum + Math.log(one), 0),
    drawNear(centre: readonly number[], random: CountedRandom): number[] {
      const order: number[] = [];
      centre.forEach((item, i) => {
        let rest = random.uniform() * wholes[i]!;
        let moved = 0;
        while (moved < i && rest >= Math.exp(-theta * moved)) rest -= Math.exp(-theta * moved++);
        order.splice(i - moved, 0, item);
      });
      return order;
    },
  };
}
