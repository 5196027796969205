/** tfjs-node's backend, with types for the calls that the engine makes: any TensorFlow op, by name. */
import { tf } from './tf.ts';

export type Dtype = 'float32' | 'int32' | 'bool';
export type TypedArray = Float32Array | Int32Array | Uint8Array;
export type TensorHandle = { id: number; shape: number[]; dtype: number };
export type NativeAttribute = { name: string; type: number; value: unknown };

/** The part of the native add-on that the engine uses. Ids are handles of tensors in TensorFlow. */
export type Binding = {
  createTensor(shape: number[], dtype: number, values: TypedArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedArray;
  executeOp(name: string, attributes: NativeAttribute[], inputs: number[], outputs: number): TensorHandle[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorHandle[];
  getNumOfSavedModels(): number;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  TF_Version: string;
};

export type Backend = {
  binding: Binding;
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(handle: TensorHandle): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: NativeAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
};

const isBackend = (value: object): value is Backend =>
  'binding' in value &&
  'getInputTensorIds' in value &&
  'createOutputTensor' in value &&
  'executeMultipleOutputs' in value;

const found: object = tf.backend();
if (!isBackend(found))
  throw new Error(
    `tf.js chose the backend "${tf.getBackend()}", not TensorFlow's: run \`npm run setup\` to link TensorFlow`,
  );

export const backend: Backend = found;

/** TensorFlow's numbers for types (types.proto). */
export const DT = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  half: 19,
  resource: 20,
} as const;
/** TensorFlow's numbers for kinds of attributes (tf_attrtype.h). */
export const ATTRIBUTE = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

export const isDtype = (dtype: string): dtype is Dtype => dtype === 'float32' || dtype === 'int32' || dtype === 'bool';

/** Numbers of tensors and of loaded graphs that TensorFlow holds for this process: they show leaks. */
export const nativeCounts = (): { handles: number; sessions: number } => ({
  handles: backend.binding.getNumOfTensors(),
  sessions: backend.binding.getNumOfSavedModels(),
});
