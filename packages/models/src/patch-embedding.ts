/** Images to tokens. */
import type { tf } from '@ablate/engine';
import { fanIn } from './initial.ts';
import { convolution } from './layers.ts';
import { chain, type Layer, relu } from './ops.ts';
import type { Scope } from './scope.ts';

/**
 * Square patches to tokens, row by row: (B, S, S, 3) -> (B, (S/p)², width). The weight is stored as that of a convolution with
 * kernel = stride = p, and applied as one linear layer over flattened patches.
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

/** Stride and padding of the second and third convolution of the dagger models, by patch size; the first is 7×7 with stride 4. */
const stems = new Map([
  [
    12,
    [
      { stride: 3, padding: 0 },
      { stride: 1, padding: 1 },
    ] as const,
  ],
  [
    16,
    [
      { stride: 2, padding: 1 },
      { stride: 2, padding: 1 },
    ] as const,
  ],
]);

const flatten = (x: tf.Tensor): tf.Tensor => {
  const [batch = 0, rows = 0, columns = 0, width = 0] = x.shape;
  return x.reshape([batch, rows * columns, width]);
};

/** Three convolutions instead of one (Chen et al. 2021, 4.1, the models marked †): (B, S, S, 3) -> (B, (S/p)², width). Patch sizes 12 and 16. */
export function convolutionStem(s: Scope, patch: number, width: number): Layer {
  const strides = stems.get(patch);
  if (!strides) throw new Error(`a convolution stem needs patch size 12 or 16, not ${patch}`);
  const plain = (
    name: number,
    inputs: number,
    outputs: number,
    kernel: number,
    more: { stride: number; padding: number },
  ) => {
    const initial = fanIn(kernel * kernel * inputs);
    return convolution(s.at(name), { inputs, outputs, kernel, ...more, weight: initial, bias: initial });
  };
  return chain(
    plain(0, 3, width / 4, 7, { stride: 4, padding: 3 }),
    relu,
    plain(2, width / 4, width / 2, 3, strides[0]),
    relu,
    plain(4, width / 2, width, 3, strides[1]),
    flatten,
  );
}
