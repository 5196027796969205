/** Values that pass between JavaScript and a program. */
import { type Dtype, isDtype, type TypedArray } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';

/** An input: `data` has as many elements as `shape`. */
export type InputValue = { shape: number[]; dtype: Dtype; data: TypedArray };
/** A variable's value, as checkpoints keep it. */
export type VariableValue = { dtype: 'F32' | 'I32'; shape: number[]; data: TypedArray };

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** @throws Error naming the input if its data do not match its shape and type. */
export function checkInput(name: string, { shape, dtype, data }: InputValue): void {
  if (!(data instanceof ARRAYS[dtype]))
    throw new Error(`input "${name}" of type ${dtype} needs a ${ARRAYS[dtype].name}, not a ${data.constructor.name}`);
  if (data.length !== tf.util.sizeFromShape(shape))
    throw new Error(
      `input "${name}" of shape [${shape}] needs ${tf.util.sizeFromShape(shape)} elements, not ${data.length}`,
    );
}

/** The tensor of a value; the caller disposes it. */
export const toTensor = ({ shape, dtype, data }: InputValue): tf.Tensor => tf.tensor(data, shape, dtype);

/** The data of an output. @throws Error naming it if programs cannot return its type. */
export function toArray(name: string, tensor: tf.Tensor): TypedArray {
  if (!isDtype(tensor.dtype))
    throw new Error(`output "${name}" is of type ${tensor.dtype}: return float32, int32 or bool`);
  return tensor.dataSync<'float32'>();
}

/** @throws Error naming the variable if the value differs from it in shape or type. */
export function checkVariableValue(name: string, variable: tf.Variable, value: VariableValue): void {
  if (value.shape.join() !== variable.shape.join())
    throw new Error(`variable "${name}" has shape [${variable.shape}], but the value has [${value.shape}]`);
  const dtype = variable.dtype === 'int32' ? 'I32' : 'F32';
  if (value.dtype !== dtype) throw new Error(`variable "${name}" is ${dtype}, but the value is ${value.dtype}`);
  checkInput(name, { shape: value.shape, dtype: dtype === 'I32' ? 'int32' : 'float32', data: value.data });
}

/** Copies of the variables' values. */
export function readVariables(variables: Map<string, tf.Variable>): Map<string, VariableValue> {
  return new Map(
    [...variables].map(([name, variable]) => {
      const data: TypedArray = variable.dataSync<'float32'>();
      return [name, { dtype: variable.dtype === 'int32' ? 'I32' : 'F32', shape: variable.shape, data: data.slice() }];
    }),
  );
}

/** Assign values to variables by name. Throws, and assigns none, if a name or value does not match. */
export function writeVariables(variables: Map<string, tf.Variable>, values: Map<string, VariableValue>): void {
  const pairs = [...values].map(([name, value]) => {
    const variable = variables.get(name);
    if (!variable) throw new Error(`the program has no variable "${name}"`);
    checkVariableValue(name, variable, value);
    return { variable, value };
  });
  for (const { variable, value } of pairs)
    tf.tidy(() =>
      variable.assign(tf.tensor(value.data.slice(), value.shape, value.dtype === 'I32' ? 'int32' : 'float32')),
    );
}
