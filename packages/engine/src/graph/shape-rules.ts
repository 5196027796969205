/**
 * Shapes and types that ops return, so that a step is recorded without running.
 * One row an op; an op without a row runs once on zeros (ask-tensorflow.ts).
 */
import { ATTRIBUTE, DT, type NativeAttribute, type TypedArray } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';

/** What is known about a tensor while recording; `constant` if its elements are known as well. */
export type Known = { shape: number[]; dtype: number; constant?: TypedArray };
export type Result = { shape: number[]; dtype: number };

/** The attributes of an op, read by name and type. */
export type Attributes = {
  int(name: string): number;
  ints(name: string): number[];
  bool(name: string): boolean;
  string(name: string): string;
  type(name: string): number;
};

export type ShapeRule = (inputs: Known[], attributes: Attributes, outputs: number) => Result[];

/** Thrown if a rule lacks what it needs, such as a constant; the op then runs on zeros instead. */
export class NoRule extends Error {}

/** Read an op's attributes. The readers throw NoRule if an attribute is missing or of a different type. */
export function attributesOf(list: NativeAttribute[]): Attributes {
  const get = (name: string, type: number): unknown => {
    const found = list.find((attribute) => attribute.name === name && attribute.type === type);
    if (!found) throw new NoRule(`no attribute ${name}`);
    return found.value;
  };
  const number = (value: unknown): number => {
    if (typeof value !== 'number') throw new NoRule('not a number');
    return value;
  };
  return {
    int: (name) => number(get(name, ATTRIBUTE.int)),
    ints: (name) => {
      const value = get(name, ATTRIBUTE.int);
      return Array.isArray(value) ? value.map(number) : [];
    },
    bool: (name) => get(name, ATTRIBUTE.bool) === true,
    string: (name) => String(get(name, ATTRIBUTE.string)),
    type: (name) => number(get(name, ATTRIBUTE.type)),
  };
}

const input = (inputs: Known[], index: number): Known => {
  const found = inputs.at(index);
  if (!found) throw new NoRule(`no input ${index}`);
  return found;
};

const numbers = (known: Known): number[] => {
  if (!known.constant) throw new NoRule('not a constant');
  return Array.from(known.constant);
};

const like = ({ shape, dtype }: Known): Result => ({ shape, dtype });
const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** NumPy's broadcasting. */
function broadcast(a: number[], b: number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) throw new NoRule('shapes do not broadcast');
    return x === 1 ? y : x;
  });
}

const first: ShapeRule = (inputs) => [like(input(inputs, 0))];
const elementwise: ShapeRule = (inputs) => {
  const [a, b] = [input(inputs, 0), input(inputs, 1)];
  return [{ shape: broadcast(a.shape, b.shape), dtype: a.dtype }];
};
const comparison: ShapeRule = (inputs) => [
  { shape: broadcast(input(inputs, 0).shape, input(inputs, 1).shape), dtype: DT.bool },
];
const reduction: ShapeRule = (inputs, attributes) => {
  const { shape, dtype } = input(inputs, 0);
  const axes = new Set(numbers(input(inputs, 1)).map((axis) => axisOf(axis, shape.length)));
  const keep = attributes.bool('keep_dims');
  return [{ shape: shape.flatMap((length, i) => (axes.has(i) ? (keep ? [1] : []) : [length])), dtype }];
};
const product =
  (transposeA: string, transposeB: string): ShapeRule =>
  (inputs, attributes) => {
    const [a, b] = [input(inputs, 0), input(inputs, 1)];
    const rows = a.shape.at(attributes.bool(transposeA) ? -1 : -2) ?? 1;
    const columns = b.shape.at(attributes.bool(transposeB) ? -2 : -1) ?? 1;
    return [{ shape: [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns], dtype: a.dtype }];
  };
/** Windows over (B, H, W, C): convolution and pooling. */
const windows = (shape: number[], window: number[], attributes: Attributes, channels: number): number[] => {
  if (attributes.string('data_format') !== 'NHWC') throw new NoRule('not NHWC');
  const strides = attributes.ints('strides');
  const padding = attributes.string('padding');
  const sides = padding === 'EXPLICIT' ? attributes.ints('explicit_paddings') : [0, 0, 0, 0, 0, 0, 0, 0];
  const lengths = [1, 2].map((axis) => {
    const [length = 1, stride = 1, span = 1] = [shape[axis], strides[axis], window[axis - 1]];
    const padded = length + (sides[2 * axis] ?? 0) + (sides[2 * axis + 1] ?? 0);
    return padding === 'SAME' ? Math.ceil(length / stride) : Math.floor((padded - span) / stride) + 1;
  });
  return [shape[0] ?? 1, ...lengths, channels];
};
const pool: ShapeRule = (inputs, attributes) => {
  const { shape, dtype } = input(inputs, 0);
  return [{ shape: windows(shape, attributes.ints('ksize').slice(1, 3), attributes, shape[3] ?? 1), dtype }];
};
const constantShape =
  (from: number, typeOf: number): ShapeRule =>
  (inputs) => [{ shape: numbers(input(inputs, from)), dtype: input(inputs, typeOf).dtype }];
const pad: ShapeRule = (inputs) => {
  const { shape, dtype } = input(inputs, 0);
  const sides = numbers(input(inputs, 1));
  return [{ shape: shape.map((length, i) => length + (sides[2 * i] ?? 0) + (sides[2 * i + 1] ?? 0)), dtype }];
};
const batchNormGradient: ShapeRule = (inputs) => {
  const scale = like(input(inputs, 2));
  return [like(input(inputs, 1)), scale, scale, { shape: [0], dtype: DT.float32 }, { shape: [0], dtype: DT.float32 }];
};
const lossAndSlope: ShapeRule = (inputs) => {
  const { shape, dtype } = input(inputs, 0);
  return [
    { shape: shape.slice(0, 1), dtype },
    { shape, dtype },
  ];
};

const sameShape = (names: string[]): [string, ShapeRule][] => names.map((name) => [name, first]);
const rows = (names: string[], rule: ShapeRule): [string, ShapeRule][] => names.map((name) => [name, rule]);

const listed: Record<string, ShapeRule> = {
  Cast: (inputs, attributes) => [{ shape: input(inputs, 0).shape, dtype: attributes.type('DstT') }],
  MatMul: product('transpose_a', 'transpose_b'),
  BatchMatMulV2: product('adj_x', 'adj_y'),
  Conv2D: (inputs, attributes) => {
    const [x, kernel] = [input(inputs, 0), input(inputs, 1)];
    return [{ shape: windows(x.shape, kernel.shape, attributes, kernel.shape[3] ?? 1), dtype: x.dtype }];
  },
  Conv2DBackpropInput: constantShape(0, 1),
  Conv2DBackpropFilter: constantShape(1, 0),
  MaxPool: pool,
  AvgPool: pool,
  AvgPoolGrad: constantShape(0, 1),
  FusedBatchNormV3: (inputs) => {
    const scale = like(input(inputs, 1));
    return [like(input(inputs, 0)), scale, scale, scale, scale, { shape: [0], dtype: DT.float32 }];
  },
  FusedBatchNormGradV3: batchNormGradient,
  L2Loss: (inputs) => [{ shape: [], dtype: input(inputs, 0).dtype }],
  SparseSoftmaxCrossEntropyWithLogits: lossAndSlope,
  SoftmaxCrossEntropyWithLogits: lossAndSlope,
  Reshape: (inputs) => {
    const { shape, dtype } = input(inputs, 0);
    const wanted = numbers(input(inputs, 1));
    const known = tf.util.sizeFromShape(wanted.filter((length) => length >= 0));
    return [{ shape: wanted.map((length) => (length < 0 ? tf.util.sizeFromShape(shape) / known : length)), dtype }];
  },
  Transpose: (inputs) => {
    const { shape, dtype } = input(inputs, 0);
    return [{ shape: numbers(input(inputs, 1)).map((axis) => shape[axis] ?? 1), dtype }];
  },
  ExpandDims: (inputs) => {
    const { shape, dtype } = input(inputs, 0);
    const axis = axisOf(numbers(input(inputs, 1))[0] ?? 0, shape.length + 1);
    return [{ shape: shape.toSpliced(axis, 0, 1), dtype }];
  },
  Pack: (inputs, attributes) => {
    const { shape, dtype } = input(inputs, 0);
    return [{ shape: shape.toSpliced(axisOf(attributes.int('axis'), shape.length + 1), 0, inputs.length), dtype }];
  },
  Unpack: (inputs, attributes, outputs) => {
    const { shape, dtype } = input(inputs, 0);
    const part = { shape: shape.toSpliced(axisOf(attributes.int('axis'), shape.length), 1), dtype };
    return Array.from({ length: outputs }, () => part);
  },
  ConcatV2: (inputs) => {
    const parts = inputs.slice(0, -1);
    const { shape, dtype } = input(parts, 0);
    const axis = axisOf(numbers(input(inputs, -1))[0] ?? 0, shape.length);
    return [
      {
        shape: shape.with(
          axis,
          parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0),
        ),
        dtype,
      },
    ];
  },
  Slice: (inputs) => {
    const { shape, dtype } = input(inputs, 0);
    const begin = numbers(input(inputs, 1));
    const lengths = numbers(input(inputs, 2));
    return [{ shape: lengths.map((n, i) => (n < 0 ? (shape[i] ?? 0) - (begin[i] ?? 0) : n)), dtype }];
  },
  Pad: pad,
  PadV2: pad,
  Tile: (inputs) => {
    const { shape, dtype } = input(inputs, 0);
    const times = numbers(input(inputs, 1));
    return [{ shape: shape.map((length, i) => length * (times[i] ?? 1)), dtype }];
  },
  Fill: constantShape(0, 1),
  StatelessRandomUniform: (inputs, attributes) => [
    { shape: numbers(input(inputs, 0)), dtype: attributes.type('dtype') },
  ],
};

/** Shape rules by op. */
export const SHAPE_RULES: ReadonlyMap<string, ShapeRule> = new Map<string, ShapeRule>([
  ...sameShape(['Identity', 'Relu', 'Relu6', 'Elu', 'Selu', 'Sigmoid', 'Tanh', 'Softplus', 'Softmax', 'LogSoftmax']),
  ...sameShape(['Erf', 'Exp', 'Expm1', 'Log', 'Log1p', 'Neg', 'Sqrt', 'Rsqrt', 'Square', 'Reciprocal', 'Abs', 'Sign']),
  ...sameShape(['Sin', 'Cos', 'Floor', 'Ceil', 'Round', 'ZerosLike', 'OnesLike', 'LogicalNot', 'BiasAdd', 'AddN']),
  ...sameShape(['ReluGrad', 'EluGrad', 'MaxPoolGrad', 'Cumsum']),
  ...rows(['Add', 'AddV2', 'Sub', 'Mul', 'Div', 'RealDiv', 'DivNoNan', 'Maximum', 'Minimum', 'Pow'], elementwise),
  ...rows(['SquaredDifference', 'FloorDiv', 'FloorMod', 'Atan2', 'BitwiseXor'], elementwise),
  ...rows(['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr'], comparison),
  ...rows(['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'], reduction),
  ...Object.entries(listed),
]);
