/** Writes weights into a network and reads them out. */
import * as engine from '@ablate/engine';
import type { Variable } from '@tensorflow/tfjs';
import type { Network } from '../build.ts';
import type { Float } from '../inspect/tensor.ts';
import { WeightsError } from './transfer.ts';

const variables = ({ parameters, buffers }: Network): [string, Variable][] => [...parameters, ...buffers];

/**
 * Set a network's parameters and running statistics, by our names and in TensorFlow's layout. Others keep their value.
 * @throws WeightsError if a tensor is unknown or has a different shape.
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
