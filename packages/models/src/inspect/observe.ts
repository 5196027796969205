/** One forward pass in evaluation, with the maps and features that the network shows, as arrays. */
import { tf } from '@ablate/engine';
import type { Network } from '../build.ts';
import type { ForwardContext } from '../ops.ts';
import type { Float } from './tensor.ts';

/** A copy of a tensor's values. */
const read = (tensor: tf.Tensor): Float => ({
  dtype: 'F32',
  shape: [...tensor.shape],
  data: Float32Array.from(tensor.dataSync()),
});

/** A context of evaluation, without random numbers. `look` copies each value whose name `accepts` allows into `seen`. */
function watching(seen: Map<string, Float>, accepts: (name: string) => boolean): Omit<ForwardContext, 'random'> {
  return {
    training: false,
    look: (name, value) => {
      if (accepts(name)) seen.set(name, read(value));
    },
  };
}

/** Run `pass` in evaluation inside a tidy; it frees every tensor, and copies the values that `pass` returns and shows. */
export function observePass(
  pass: (context: ForwardContext) => Record<string, tf.Tensor>,
  accepts: (name: string) => boolean = () => true,
): Map<string, Float> {
  const seen = new Map<string, Float>();
  tf.tidy(() => {
    const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
    for (const [name, value] of Object.entries(pass({ ...watching(seen, accepts), random })))
      seen.set(name, read(value));
  });
  return seen;
}

/** `logits` of normalised images (N, S, S, 3), and every value that the network shows under a name that `accepts` allows. */
export const observe = (network: Network, images: Float, accepts?: (name: string) => boolean): Map<string, Float> =>
  observePass(
    (context) => ({ logits: network.forward(tf.tensor(images.data, images.shape, 'float32'), context) }),
    accepts,
  );
