/** Tensors by name. */
import type { tf } from './tf.ts';

export type Named<Name extends string> = Record<Name, tf.Tensor>;

/** The same names for other tensors, in the same order. */
export function renamed<Name extends string>(names: Named<Name>, tensors: tf.Tensor[]): Named<Name> {
  const copy = { ...names };
  let index = 0;
  for (const name in copy) {
    const tensor = tensors[index++];
    if (!tensor) throw new Error(`missing tensor for "${name}"`);
    copy[name] = tensor;
  }
  return copy;
}
