/** What each operation of an `augment` spec does to one image. Operations work on bytes, before normalisation, as torchvision's do on images. */
import { type AugmentOp, type CountedRandom, countedRandom, imageOps, randomKey } from '@ablate/contracts';

/** Write a changed copy of `from` to `to`, both (size, size, 3). */
type Apply = (from: Uint8Array, to: Uint8Array, random: CountedRandom) => void;

type Operations = { [Name in 'crop' | 'flip']: (op: Extract<AugmentOp, { op: Name }>, size: number) => Apply };

/** A variant is a row: its parameters and the image size in, the change out. */
const operations: Operations = {
  // Padded with black, then cut out at random: the zeros stand in the image, so after normalisation they are not zero (torchvision's RandomCrop).
  crop: ({ padding }, size) => {
    const row = size * 3;
    return (from, to, random) => {
      const dx = random.integer(2 * padding + 1) - padding;
      const dy = random.integer(2 * padding + 1) - padding;
      to.fill(0);
      const firstX = Math.max(0, -dx);
      const width = size - Math.abs(dx);
      const lastY = size - Math.max(0, dy);
      for (let y = Math.max(0, -dy); y < lastY; y++) {
        const source = (y + dy) * row + (firstX + dx) * 3;
        to.set(from.subarray(source, source + width * 3), y * row + firstX * 3);
      }
    };
  },
  // Left to right.
  flip: (_op, size) => (from, to) => {
    for (let y = 0, at = 0; y < size; y++)
      for (let x = size - 1, source = (y * size + x) * 3; x >= 0; x--, source -= 3) {
        to[at++] = from[source]!;
        to[at++] = from[source + 1]!;
        to[at++] = from[source + 2]!;
      }
  },
};

function operation(op: AugmentOp, size: number): Apply {
  switch (op.op) {
    case 'crop':
      return operations.crop(op, size);
    case 'flip':
      return operations.flip(op, size);
    default:
      throw new Error(`augment: ${op.op} is not built yet`);
  }
}

/** Augment one image of an epoch; the answer is `image` itself or a buffer that the next call overwrites. */
export type Augmenter = (image: Uint8Array, epoch: number, index: number) => Uint8Array;

/**
 * The operations in order, each drawn from (seed, its own purpose, epoch, image index) only: whether an image is flipped does not depend on what else the
 * set holds, so two sets are compared on the same draws.
 */
export function augmenter(ops: readonly AugmentOp[], { size, seed }: { size: number; seed: number }): Augmenter {
  const steps = imageOps(ops).map((op, place, images) => {
    const earlier = images.slice(0, place).filter((other) => other.op === op.op).length;
    return { p: op.p, apply: operation(op, size), key: randomKey(seed, `augment.${op.op}.${earlier}`) };
  });
  let spare: Uint8Array = new Uint8Array(size * size * 3);
  let result: Uint8Array = new Uint8Array(size * size * 3);
  return (image, epoch, index) => {
    let current = image;
    for (const { p, apply, key } of steps) {
      const random = countedRandom(key, [epoch, index]);
      if (random.uniform() >= p) continue;
      apply(current, spare, random);
      current = spare;
      spare = result;
      result = current;
    }
    return current;
  };
}
