import { fanIn } from './initial.ts';
import type { Layer } from './ops.ts';
import type { Scope } from './scope.ts';

/**
 * Square patches to tokens, row by row: (B, S, S, 3) -> (B, (S/p)², width). A convolution with kernel = stride = p, whose weight it
 * is stored as, worked out as one linear layer over flattened patches.
 */
export function patchEmbedding(s: Scope, patch: number, width: number): Layer {
  const inputs = patch * patch * 3;
  const weight = s.parameter('weight', [patch, patch, 3, width], fanIn(inputs));
  const bias = s.parameter('bias', [width], fanIn(inputs));
  return (images, { ops }) => {
    const [batch = 0, height = 0, breadth = 0] = images.shape;
    const [rows, columns] = [height / patch, breadth / patch];
    const patches = images
      .reshape([batch, rows, patch, columns, patch, 3])
      .transpose([0, 1, 3, 2, 4, 5])
      .reshape([batch, rows * columns, inputs]);
    return ops.linear(patches, weight().reshape([inputs, width]), bias());
  };
}
