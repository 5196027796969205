/**
 * Counter-based random numbers: the same (key, counter) gives the same words in every process and in any order.
 * Philox 4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
import type { RandomKey } from './keys.ts';

export type CountedRandom = {
  /** 32 random bits. */
  word: () => number;
  /** Uniform in [0, 1), with 32 bits. */
  uniform: () => number;
  /** Standard normal, by Box and Muller. */
  normal: () => number;
  /** An integer in [0, below), without modulo bias. `below` is at most 2^32. */
  integer: (below: number) => number;
};

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The upper 32 bits of a 32 × 32 bit product, in 16-bit halves: a double cannot represent a 64-bit product. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const carried = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carried >>> 16)) >>> 0;
}

/** Apply ten rounds to `block` (four words), in place. */
function philox(block: Uint32Array, key: RandomKey): void {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = block;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const high1 = multiplyHigh(M1, c2);
    const low0 = Math.imul(M0, c0) >>> 0;
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** The four random words at one counter (four words of 32 bits). */
export function randomBlock(key: RandomKey, counter: readonly [number, number, number, number]): Uint32Array {
  const block = Uint32Array.from(counter);
  philox(block, key);
  return block;
}

/**
 * The sequence of one key at position (a, b), for example an epoch and an index. Each position has 2^66 words of its own, so
 * sequences never overlap. The object is cheap: create one per position.
 */
export function countedRandom(key: RandomKey, [a, b]: readonly [number, number] = [0, 0]): CountedRandom {
  const block = new Uint32Array(4);
  let [low, high, used] = [0, 0, 4];
  let spare: number | undefined;

  const word = (): number => {
    if (used === 4) {
      block[0] = low;
      block[1] = high;
      block[2] = a;
      block[3] = b;
      philox(block, key);
      low = (low + 1) >>> 0;
      if (low === 0) high = (high + 1) >>> 0;
      used = 0;
    }
    return block[used++] as number;
  };
  const uniform = (): number => word() / 2 ** 32;

  return {
    word,
    uniform,
    normal: () => {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log((word() + 0.5) / 2 ** 32)); // half a step up: never log(0)
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    integer: (below) => {
      const limit = 2 ** 32 - (2 ** 32 % below);
      let drawn = word();
      while (drawn >= limit) drawn = word();
      return drawn % below;
    },
  };
}
