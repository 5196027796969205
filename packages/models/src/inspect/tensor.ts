/** Float32 arrays with a shape: weights, and what a network shows. */
import type { TensorData } from '../safetensors.ts';

export type Float = Extract<TensorData, { dtype: 'F32' }>;

export const float = (shape: number[], data: Float32Array): Float => ({ dtype: 'F32', shape, data });

/** The shape of a tensor of four axes. @throws Error if it has a different number. */
export function shapeOfFour({ shape }: Float, what: string): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (shape.length !== 4 || a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error(`${what} must have four axes, not [${shape}]`);
  return [a, b, c, d];
}
