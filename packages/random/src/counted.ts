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
  /** Fill with normal numbers times `deviation`: the same as from `normal`, and faster. */
  fillNormal: (values: Float32Array, deviation: number) => void;
  /** An integer in [0, below), without modulo bias. `below` is at most 2^32. */
  integer: (below: number) => number;
};

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/**
 * The upper 32 bits of a 32 × 32 bit product, in 16-bit halves: a double cannot represent a 64-bit product. All of it is signed:
 * unsigned words would be doubles to the compiler, and half as fast.
 */
function multiplyHigh(aLow: number, aHigh: number, b: number): number {
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = Math.imul(aHigh, bLow);
  const second = Math.imul(aLow, bHigh);
  const carried = (first & 0xffff) + (second & 0xffff) + (Math.imul(aLow, bLow) >>> 16);
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16) + (carried >>> 16)) | 0;
}

/** Apply ten rounds to `block` (four words), in place. */
function philox(block: Uint32Array, key: RandomKey): void {
  let c0 = block[0]! | 0;
  let c1 = block[1]! | 0;
  let c2 = block[2]! | 0;
  let c3 = block[3]! | 0;
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0 & 0xffff, M0 >>> 16, c0);
    const high1 = multiplyHigh(M1 & 0xffff, M1 >>> 16, c2);
    const low0 = Math.imul(M0, c0);
    const low1 = Math.imul(M1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
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

// Box and Muller. Half a step up: never log(0).
const radiusOf = (bits: number): number => Math.sqrt(-2 * Math.log((bits + 0.5) / 2 ** 32));
const angleOf = (bits: number): number => 2 * Math.PI * (bits / 2 ** 32);

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
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = radiusOf(word());
    const angle = angleOf(word());
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };

  return {
    word,
    uniform,
    normal,
    fillNormal: (values, deviation) => {
      let at = 0;
      if (spare !== undefined && values.length > 0) values[at++] = deviation * normal();
      for (; at + 1 < values.length; at += 2) {
        const radius = radiusOf(word());
        const angle = angleOf(word());
        values[at] = deviation * (radius * Math.cos(angle));
        values[at + 1] = deviation * (radius * Math.sin(angle));
      }
      if (at < values.length) values[at] = deviation * normal();
    },
    integer: (below) => {
      const limit = 2 ** 32 - (2 ** 32 % below);
      let drawn = word();
      while (drawn >= limit) drawn = word();
      return drawn % below;
    },
  };
}
