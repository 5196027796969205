/** Whether one sample tends to be larger than another. */
import { normalSurvival } from '@ablate/statistics';

/** One-sided p that `a` is not larger than `b`: the normal approximation with corrections for ties and continuity. Mann and Whitney 1947. */
export function largerP(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b].sort((x, y) => x - y);
  const [n, m] = [a.length, b.length];
  let [above, ties] = [0, 0];
  for (const x of a) for (const y of b) above += x > y ? 1 : x === y ? 0.5 : 0;
  for (let i = 0; i < all.length; ) {
    let j = i;
    while (all[j] === all[i] && j < all.length) j++;
    ties += (j - i) ** 3 - (j - i);
    i = j;
  }
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance === 0 ? 1 : normalSurvival((above - (n * m) / 2 - 0.5) / Math.sqrt(variance));
}
