/** Constants of a graph: equal small ones share a node, large ones of a single value become Fill nodes. */
import { DT, type TypedArray } from '../tensorflow/backend.ts';
import { type AttributeProto, shapeProto } from './node.ts';

export type WriteNode = (op: string, input: string[], attr: Record<string, AttributeProto>) => string;
export type ConstantWriter = (shape: number[], dtype: number, values: TypedArray) => string;

const SHARED_BYTES = 1024;
const FILL_FROM = 256;
const TYPES: number[] = [DT.float32, DT.int32, DT.int64, DT.bool];

/** Whether a graph can hold constants of this TensorFlow type. */
export const canBeConstant = (dtype: number): boolean => TYPES.includes(dtype);

const isUniform = (values: TypedArray) => values.every((value) => Object.is(value, values[0]));

/** A function that writes a constant and returns the name of its node. */
export function constantWriter(write: WriteNode): ConstantWriter {
  const shared = new Map<string, string>();
  const constant: ConstantWriter = (shape, dtype, values) => {
    if (values.length >= FILL_FROM && isUniform(values)) {
      const dims = constant([shape.length], DT.int32, Int32Array.from(shape));
      const value = constant([], dtype, values.slice(0, 1));
      return write('Fill', [dims, value], { T: { type: dtype }, index_type: { type: DT.int32 } });
    }
    const content = Uint8Array.from(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    const key = content.length <= SHARED_BYTES ? `${dtype}[${shape}]${Buffer.from(content).toString('latin1')}` : null;
    const before = key === null ? undefined : shared.get(key);
    if (before) return before;
    const tensor = { dtype, tensor_shape: shapeProto(shape), tensor_content: content };
    const name = write('Const', [], { dtype: { type: dtype }, value: { tensor } });
    if (key !== null) shared.set(key, name);
    return name;
  };
  return constant;
}
