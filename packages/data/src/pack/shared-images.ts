/** Finds images that are in two sets, by their pixels. */
import { hash } from 'node:crypto';
import type { ArrangedSet } from './arrange.ts';

const EXAMPLES = 20;

/** 52 bits of the SHA-1 of an image. Of ImageNet's 1.3 million training and 50,000 test images, two different ones agree with a probability of 1 in 70,000. */
function fingerprint(pixels: Uint8Array): number {
  const digest = hash('sha1', pixels, 'buffer');
  return digest.readUIntBE(0, 6) * 16 + (digest[6]! >> 4);
}

export type SharedImages = {
  /** @param chunk whole images of the set, in its order */
  add(set: ArrangedSet, chunk: Uint8Array, imageBytes: number): void;
  /** The images of `set` whose pixels are those of an image of `other`. Call it when all images are added. */
  between(set: ArrangedSet, other: ArrangedSet): { count: number; first: string[] };
};

export function sharedImages(sets: readonly ArrangedSet[]): SharedImages {
  const prints = new Map(sets.map((set) => [set, { of: new Float64Array(set.labels.length), filled: 0 }]));
  const printsOf = (set: ArrangedSet) => {
    const found = prints.get(set);
    if (!found) throw new Error('not one of the sets');
    return found;
  };
  return {
    add(set, chunk, imageBytes) {
      const found = printsOf(set);
      for (let at = 0; at < chunk.length; at += imageBytes)
        found.of[found.filled++] = fingerprint(chunk.subarray(at, at + imageBytes));
    },
    between(set, other) {
      const known = new Set(printsOf(set).of);
      const both = new Set(printsOf(other).of.filter((print) => known.has(print)));
      const indices = [...printsOf(set).of.keys()].filter((index) => both.has(printsOf(set).of[index]!));
      return { count: indices.length, first: indices.slice(0, EXAMPLES).map((index) => set.orders[index]!) };
    },
  };
}
