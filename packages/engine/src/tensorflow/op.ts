/** Runs one TensorFlow op by name: eagerly, or as a node of the active recording. */
import { ATTRIBUTE, backend, DT, type Dtype, type NativeAttribute } from './backend.ts';
import type { tf } from './tf.ts';

/** An attribute of an op. Its key is its type: TensorFlow does not convert. */
export type Attribute =
  | { type: Dtype }
  | { int: number }
  | { ints: number[] }
  | { float: number }
  | { bool: boolean }
  | { string: string };

export const float32: Attribute = { type: 'float32' };
export const int32: Attribute = { type: 'int32' };

function native(name: string, attribute: Attribute): NativeAttribute {
  if ('type' in attribute) return { name, type: ATTRIBUTE.type, value: DT[attribute.type] };
  if ('int' in attribute) return { name, type: ATTRIBUTE.int, value: attribute.int };
  if ('ints' in attribute) return { name, type: ATTRIBUTE.int, value: attribute.ints };
  if ('float' in attribute) return { name, type: ATTRIBUTE.float, value: attribute.float };
  if ('bool' in attribute) return { name, type: ATTRIBUTE.bool, value: attribute.bool };
  return { name, type: ATTRIBUTE.string, value: attribute.string };
}

/** Run the op `name`, which has `count` outputs, and return them. @throws TensorFlow's error if it refuses. */
export const ops = (
  name: string,
  attributes: Record<string, Attribute>,
  inputs: tf.Tensor[],
  count: number,
): tf.Tensor[] =>
  backend.executeMultipleOutputs(
    name,
    Object.entries(attributes).map(([key, attribute]) => native(key, attribute)),
    inputs,
    count,
  );

/** Run an op with one output. */
export function op(name: string, attributes: Record<string, Attribute>, inputs: tf.Tensor[]): tf.Tensor {
  const [output] = ops(name, attributes, inputs, 1);
  if (!output) throw new Error(`op "${name}" returned no output`);
  return output;
}
