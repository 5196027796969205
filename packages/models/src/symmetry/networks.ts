/** Symmetries of a whole network: how shifts and permutations of patches change its logits. */
import type { Model } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { countedRandom, randomKey } from '@ablate/random';
import type { Network } from '../build.ts';
import type { ForwardContext } from '../ops.ts';
import { flipped, permutation, permutedPatches, rolled } from './actions.ts';
import { measure, type SymmetryRow } from './measure.ts';

/** Pixels per position of the last map, or per token; for CrossViT, of the small branch. */
function strideOf(model: Model): number {
  switch (model.family) {
    case 'vit':
      return model.patchSize;
    case 'crossvit':
      return model.small.patchSize;
    case 'resnet':
      return (model.stem === 'imagenet' ? 4 : 1) * 2 ** (model.depths.length - 1);
    case 'clip':
      return 32;
  }
}

/** Measure the logits (of CLIP the image features) of two random images. `name` is the subject of the rows. */
export function networkSymmetries(network: Network, { seed, name }: { seed: number; name: string }): SymmetryRow[] {
  const { config, forward } = network;
  const side = config.imageSize;
  const stride = strideOf(config);
  const random = countedRandom(randomKey(seed, 'images'));
  const pixels = new Float32Array(2 * side * side * 3).map(() => random.normal());
  const f = (images: tf.Tensor): tf.Tensor => {
    const zero = tf.scalar(0, 'int32');
    const context: ForwardContext = { training: false, random: { seed: zero, step: zero } };
    return forward(images, context);
  };
  const claim = (action: string, act: (x: tf.Tensor) => tf.Tensor): SymmetryRow =>
    measure({ subject: name, action, f, input: () => tf.tensor(pixels, [2, side, side, 3], 'float32'), act });
  const shift = (by: number) => claim(`shift by ${by} px`, (x) => rolled(x, [by, by]));
  const order = permutation((side / stride) ** 2);
  return [
    shift(1),
    ...(stride > 1 && stride < side ? [shift(stride)] : []),
    claim('flip', flipped),
    ...(Number.isInteger(side / stride) && order.length > 1
      ? [claim(`permute patches of ${stride} px`, (x) => permutedPatches(x, stride, order))]
      : []),
  ];
}
