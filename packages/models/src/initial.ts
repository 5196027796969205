/** Initial values: a rule fills an array from counted random numbers. */
import type { CountedRandom } from '@ablate/random';

export type Initial = (values: Float32Array, random: CountedRandom) => void;

export const constant =
  (value: number): Initial =>
  (values) => {
    values.fill(value);
  };
export const zeros = constant(0);
export const ones = constant(1);

/** PyTorch's `trunc_normal_` cuts at ±2, not at 2σ: for σ = 0.02 that is this. */
export const normal =
  (deviation: number): Initial =>
  (values, random) => {
    random.fillNormal(values, deviation);
  };

const uniform =
  (bound: number): Initial =>
  (values, random) => {
    for (let i = 0; i < values.length; i++) values[i] = bound * (2 * random.uniform() - 1);
  };

/** PyTorch's default of Conv2d and Linear, weight and bias alike: U(±1/√fan_in). */
export const fanIn = (inputs: number): Initial => uniform(1 / Math.sqrt(inputs));

/** He et al. 2015 as torchvision's ResNet draws it: normal, fan_out, gain of ReLU. */
export const kaimingFanOut = (kernel: number, outputs: number): Initial =>
  normal(Math.sqrt(2 / (kernel * kernel * outputs)));

/** Fixed values, such as a table of sines. */
export const fixed =
  (table: Float32Array): Initial =>
  (values) => {
    values.set(table);
  };
