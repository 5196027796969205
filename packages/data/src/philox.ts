/**
 * Random numbers that are counted, not drawn from a stream: the same (seed, purpose, a, b) gives the same numbers in any order and any process.
 * Philox4x32-10, from Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
 */

/** High 32 bits of a 32 × 32 bit product, in exact doubles. */
const high = (a: number, b: number): number => {
  const low = (a & 0xffff) * b;
  return Math.floor(((a >>> 16) * b + Math.floor(low / 65536)) / 65536);
};

/** One block: four words of counter and two of key give four random words. `out` may be `counter`. */
export function philox(counter: Uint32Array, key: readonly [number, number], out: Uint32Array): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = high(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = high(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** FNV-1a of a purpose's name: the second word of the key. */
function hashPurpose(purpose: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export type CountedRandom = {
  /** Go to the numbers that belong to (a, b): an epoch and an image, say. */
  seek(a: number, b?: number): void;
  /** The next 32 random bits. */
  word(): number;
  /** Uniform in [0, 1), with 24 random bits. */
  uniform(): number;
  /** Uniform whole number in [0, bound), unbiased (Lemire 2019, with rejection). */
  below(bound: number): number;
  /** Standard normal (Box and Muller 1958). */
  normal(): number;
};

/** Numbers for one purpose under one seed, starting at (0, 0). Purposes are strings, each used in one place. */
export function countedRandom(seed: number, purpose: string): CountedRandom {
  const key = [seed >>> 0, hashPurpose(purpose)] as const;
  const counter = new Uint32Array(4);
  const block = new Uint32Array(4);
  let used = 4;

  const word = () => {
    if (used === 4) {
      philox(counter, key, block);
      counter[0]!++;
      used = 0;
    }
    return block[used++]!;
  };
  const uniform = () => (word() >>> 8) / 2 ** 24;

  return {
    seek(a, b = 0) {
      counter[0] = 0;
      counter[1] = 0;
      counter[2] = a;
      counter[3] = b;
      used = 4;
    },
    word,
    uniform,
    below(bound) {
      const threshold = (2 ** 32 - bound) % bound;
      for (;;) {
        const w = word();
        if (Math.imul(w, bound) >>> 0 >= threshold) return high(w, bound);
      }
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Shuffle in place (Fisher and Yates). */
export function shuffle(items: Int32Array, random: CountedRandom): Int32Array {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = items[i]!;
    items[i] = items[j]!;
    items[j] = held;
  }
  return items;
}
