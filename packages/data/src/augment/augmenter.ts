/** A list of operations as one function of (image, epoch, index). */
import { type AugmentOp, imageOps } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import type { Shape } from './change.ts';
import { type Built, operation } from './operations.ts';

/**
 * Augment one image of an epoch. Returns (size, size, 3): `image` itself, or a buffer that the next call overwrites.
 * @param shape of `image` if not (size, size); the first operation must then be a `resizedCrop` with p = 1
 */
export type Augmenter = (image: Uint8Array, epoch: number, index: number, shape?: Shape) => Uint8Array;

/**
 * Applies the operations in order. Each is drawn from (seed, its own purpose, epoch, image index) only: whether an image is flipped
 * does not depend on other operations, so two sets are compared on the same draws. Mixup, CutMix and normalisation apply to
 * batches, not here.
 */
export function augmenter(ops: readonly AugmentOp[], { seed, ...built }: Built & { seed: number }): Augmenter {
  const { size } = built;
  const square = { width: size, height: size };
  const steps = imageOps(ops).map((op, position, all) => {
    const earlier = all.slice(0, position).filter((other) => other.op === op.op).length;
    return { p: op.p, apply: operation(op, built), key: randomKey(seed, `augment.${op.op}.${earlier}`) };
  });
  const [first] = imageOps(ops);
  const takesAnyShape = first?.op === 'resizedCrop' && first.p === 1;
  let spare: Uint8Array = new Uint8Array(size * size * 3);
  let result: Uint8Array = new Uint8Array(size * size * 3);
  return (image, epoch, index, shape = square) => {
    if (!takesAnyShape && (shape.width !== size || shape.height !== size))
      throw new RangeError(`an image of ${shape.width} × ${shape.height} must be resized to ${size} × ${size} first`);
    let current = image;
    for (const [position, { p, apply, key }] of steps.entries()) {
      const random = countedRandom(key, [epoch, index]);
      if (random.uniform() >= p) continue;
      apply(current, spare, random, position === 0 ? shape : square);
      current = spare;
      spare = result;
      result = current;
    }
    return current;
  };
}
