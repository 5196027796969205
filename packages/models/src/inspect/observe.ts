/** One forward pass in evaluation, and what it showed of its inside, as arrays. */
import { tf } from '@ablate/engine';
import type { Network } from '../build.ts';
import type { ForwardContext } from '../ops.ts';
import type { Float } from './tensor.ts';

/** A copy of a tensor's values. */
export const read = (tensor: tf.Tensor): Float => ({
  dtype: 'F32',
  shape: [...tensor.shape],
  data: Float32Array.from(tensor.dataSync()),
});

/** A context of evaluation: nothing random is read, `look` gets a copy of each value that `wants` names. */
export function watching(seen: Map<string, Float>, wants: (name: string) => boolean): Omit<ForwardContext, 'random'> {
  return {
    training: false,
    look: (name, value) => {
      if (wants(name)) seen.set(name, read(value));
    },
  };
}

/** Run `pass` in evaluation inside a tidy; every tensor it makes is freed, what it returns and shows is copied. */
export function observePass(
  pass: (context: ForwardContext) => Record<string, tf.Tensor>,
  wants: (name: string) => boolean = () => true,
): Map<string, Float> {
  const seen = new Map<string, Float>();
  tf.tidy(() => {
    const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
    for (const [name, value] of Object.entries(pass({ ...watching(seen, wants), random }))) seen.set(name, read(value));
  });
  return seen;
}

/** `logits` of images (N, S, S, 3), already normalised, and all that the network shows under names that `wants` takes. */
export const observe = (network: Network, images: Float, wants?: (name: string) => boolean): Map<string, Float> =>
  observePass(
    (context) => ({ logits: network.forward(tf.tensor(images.data, images.shape, 'float32'), context) }),
    wants,
  );
