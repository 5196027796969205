/** Tensors gathered batch by batch, and written as one file. */
import { writeAtomically } from '@ablate/files';
import { encodeSafetensors, type Float, type TensorData } from '@ablate/models';
import { Failure } from '../failure.ts';

/** Bytes that one file of answers may have: it is put together in memory. */
const MAX_BYTES = 4 * 2 ** 30;

/** Collects tensors whose first axis is the image. */
export function gatherTensors(): {
  add: (tensors: ReadonlyMap<string, Float>) => void;
  joined: () => Map<string, Float>;
} {
  const parts = new Map<string, Float[]>();
  let bytes = 0;
  return {
    add: (tensors) => {
      for (const [name, tensor] of tensors) {
        bytes += tensor.data.byteLength;
        if (bytes > MAX_BYTES)
          throw new Failure(
            `the answers are larger than ${MAX_BYTES / 2 ** 30} GiB: give fewer images, or leave --attention out`,
          );
        parts.set(name, [...(parts.get(name) ?? []), tensor]);
      }
    },
    joined: () =>
      new Map(
        [...parts].map(([name, list]) => {
          const rows = list.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
          const data = new Float32Array(list.reduce((sum, part) => sum + part.data.length, 0));
          let at = 0;
          for (const part of list) {
            data.set(part.data, at);
            at += part.data.length;
          }
          return [name, { dtype: 'F32', shape: [rows, ...(list[0]?.shape.slice(1) ?? [])], data }];
        }),
      ),
  };
}

/** Writes a safetensors file atomically. */
export const writeTensors = (
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Record<string, string> = {},
): Promise<void> => writeAtomically(path, encodeSafetensors(tensors, metadata));
