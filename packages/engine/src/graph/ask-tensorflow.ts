/** Finds what an op returns by running it once on zeros. Exact for every op whose output shapes depend on input shapes alone. */
import { type Binding, DT, type NativeAttribute, type TypedArray } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';
import type { Known, Result } from './shape-rules.ts';

const ARRAYS = new Map<number, (length: number) => TypedArray>([
  [DT.float32, (length) => new Float32Array(length)],
  [DT.int32, (length) => new Int32Array(length)],
  [DT.bool, (length) => new Uint8Array(length)],
]);

/** Shapes and types of the outputs of `name`. @throws TensorFlow's error if it refuses the inputs. */
export function askTensorflow(
  binding: Binding,
  name: string,
  attributes: NativeAttribute[],
  inputs: Known[],
  outputs: number,
): Result[] {
  const given: number[] = [];
  try {
    for (const { shape, dtype, constant } of inputs) {
      const length = tf.util.sizeFromShape(shape);
      const values = constant ?? ARRAYS.get(dtype)?.(length);
      if (!values) throw new Error(`${name} has an input of TensorFlow's type ${dtype}, which cannot be recorded`);
      given.push(binding.createTensor(shape, dtype, values));
    }
    const handles = binding.executeOp(name, attributes, given, outputs);
    for (const { id } of handles) binding.deleteTensor(id);
    return handles.map(({ shape, dtype }) => ({ shape, dtype }));
  } finally {
    for (const id of given) binding.deleteTensor(id);
  }
}
