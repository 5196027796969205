import type { CountedRandom } from './counted.ts';

/** Shuffle in place (Fisher and Yates). */
export function shuffle(items: Int32Array, random: CountedRandom): Int32Array {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const held = items[i]!;
    items[i] = items[j]!;
    items[j] = held;
  }
  return items;
}
