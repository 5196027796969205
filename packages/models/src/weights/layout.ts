/** PyTorch keeps kernels as (out, in, kh, kw) and matrices as (out, in); TensorFlow as (kh, kw, in, out) and (in, out). */
import type { Float } from '../inspect/tensor.ts';

type Layout = 'kernel' | 'matrix' | 'same';

/** Which layout a parameter has, by its name and rank. Tables of embeddings and CLIP's text projection are the same in both. */
function layoutOf(name: string, rank: number): Layout {
  if (rank === 4) return 'kernel';
  const matrix = rank === 2 && /(^|[._])weight$/.test(name) && !/embedding\.weight$/.test(name);
  return matrix ? 'matrix' : 'same';
}

const permutations: Record<Layout, { toTensorFlow: number[]; toTorch: number[] } | null> = {
  kernel: { toTensorFlow: [2, 3, 1, 0], toTorch: [3, 2, 0, 1] },
  matrix: { toTensorFlow: [1, 0], toTorch: [1, 0] },
  same: null,
};

/** Permute axes: axis i of the result is axis `order[i]` of the input. */
function permute({ shape, data }: Float, order: readonly number[]): Float {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 1);
  const out = new Float32Array(data.length);
  const index = to.map(() => 0);
  let from = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = data[from] ?? 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const step = steps[axis] ?? 0;
      const position = (index[axis] ?? 0) + 1;
      from += step;
      if (position < (to[axis] ?? 0)) {
        index[axis] = position;
        break;
      }
      index[axis] = 0;
      from -= step * position;
    }
  }
  return { dtype: 'F32', shape: to, data: out };
}

/** The shape that a parameter of this TensorFlow shape has in PyTorch. */
export function torchShape(name: string, shape: readonly number[]): number[] {
  const order = permutations[layoutOf(name, shape.length)]?.toTorch;
  return order ? order.map((axis) => shape[axis] ?? 1) : [...shape];
}

/** A tensor of a PyTorch file in TensorFlow's layout. */
export function toTensorFlow(name: string, tensor: Float): Float {
  const order = permutations[layoutOf(name, tensor.shape.length)]?.toTensorFlow;
  return order ? permute(tensor, order) : tensor;
}

/** One of our tensors in PyTorch's layout. */
export function toTorch(name: string, tensor: Float): Float {
  const order = permutations[layoutOf(name, tensor.shape.length)]?.toTorch;
  return order ? permute(tensor, order) : tensor;
}
