/** Weights into a network and out of it. */

import * as engine from '@ablate/engine';
import type { Variable } from '@tensorflow/tfjs';
import type { Network } from '../build.ts';
import type { TensorData } from '../safetensors.ts';
import { WeightsError } from './transfer.ts';

type Float = Extract<TensorData, { dtype: 'F32' }>;

const variables = ({ parameters, buffers }: Network): [string, Variable][] => [...parameters, ...buffers];

/**
 * Set a network's parameters and running statistics, by our names and in TensorFlow's layout. Those not given keep their value.
 * @throws WeightsError where a tensor is unknown or has another shape.
 */
export function assignWeights(network: Network, tensors: ReadonlyMap<string, Float>): void {
  const known = new Map(variables(network));
  for (const [name, { shape, data }] of tensors) {
    const variable = known.get(name);
    if (!variable) throw new WeightsError(`unknown: ${name}`);
    if (variable.shape.join() !== shape.join())
      throw new WeightsError(`misshapen: ${name} [${shape}], not [${variable.shape}]`);
    engine.tf.tidy(() => variable.assign(engine.tf.tensor(data, shape, 'float32')));
  }
}

/** Copies of a network's parameters and running statistics, by our names and in TensorFlow's layout. */
export const networkWeights = (network: Network): Map<string, Float> =>
  new Map(
    variables(network).map(([name, variable]) => [
      name,
      { dtype: 'F32', shape: [...variable.shape], data: Float32Array.from(variable.dataSync()) },
    ]),
  );
