/** Grad-CAM: Selvaraju et al. 2017 (arXiv:1610.02391), of the predicted class. */
import { tf } from '@ablate/engine';
import type { Network } from '../build.ts';
import type { ForwardContext } from '../ops.ts';
import { type Float, float } from './tensor.ts';

/** The name of the map, and '' or the branch whose map it is. */
const BRANCH: Readonly<Record<string, string>> = { map: '', tokens: '', small: 'small', large: 'large' };

/** Values at the places that Grad-CAM explains: (N, h, w, C) of a ResNet, (N, T, D) of tokens. They are kept. */
function placesOf(network: Network, images: tf.Tensor, context: ForwardContext): Map<string, tf.Tensor> {
  const places = new Map<string, tf.Tensor>();
  tf.tidy(() => {
    const replace = (name: string, value: tf.Tensor) => {
      places.set(name, tf.keep(value));
      return value;
    };
    network.forward(images, { ...context, replace });
  });
  return places;
}

/** (N, h, w, C) as it is; (N, T, D) as the grid of its patches, without a class token: (N, s, s, D). */
function asGrid(x: tf.Tensor): tf.Tensor {
  if (x.rank === 4) return x;
  const [images = 0, tokens = 0, width = 0] = x.shape;
  const side = Math.floor(Math.sqrt(tokens));
  const patches = side * side;
  return x.slice([0, tokens - patches, 0], [images, patches, width]).reshape([images, side, side, width]);
}

/** relu(Σₖ αₖ Aₖ) with αₖ the mean gradient of channel k: two of (N, h, w, C) -> (N, h, w), each map divided by its largest value. */
function weighted(values: tf.Tensor, gradients: tf.Tensor): tf.Tensor {
  const alphas = gradients.mean([1, 2], true);
  const maps = tf.relu(values.mul(alphas).sum(3));
  const most = maps.max([1, 2], true);
  return tf.divNoNan(maps, most);
}

/**
 * What speaks for the predicted class, from 0 to 1: (N, h, w), under '' or by branch of CrossViT. Of a ResNet on its last map; of
 * transformers on the patch tokens that enter the last block or stage.
 */
export function gradCam(network: Network, images: Float): Map<string, Float> {
  const found = new Map<string, Float>();
  tf.tidy(() => {
    const context = {
      training: false,
      random: { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') },
    };
    const input = tf.tensor(images.data, images.shape, 'float32');
    const places = placesOf(network, input, context);
    const names = [...places.keys()];
    const values = [...places.values()];
    try {
      /** The logit of each image's own prediction, summed: images do not influence each other. */
      const score = (...given: tf.Tensor[]): tf.Tensor => {
        const replace = (name: string, value: tf.Tensor) => given[names.indexOf(name)] ?? value;
        const logits = network.forward(input, { ...context, replace });
        const own = tf.oneHot(tf.argMax(logits, -1), logits.shape[1] ?? 0).toFloat();
        return logits.mul(own).sum();
      };
      const gradients = tf.grads(score)(values);
      for (const [at, name] of names.entries()) {
        const [value, gradient] = [values[at], gradients[at]];
        if (!value || !gradient) throw new Error(`no gradient of "${name}"`);
        const map = weighted(asGrid(value), asGrid(gradient));
        found.set(BRANCH[name] ?? name, float([...map.shape], Float32Array.from(map.dataSync())));
      }
    } finally {
      for (const value of values) value.dispose();
    }
  });
  return found;
}
