/** Tensors collected batch by batch, and written as one safetensors file. */
import { UserError } from '@ablate/contracts';
import { writeAtomically } from '@ablate/files';
import type { Float } from '../inspect/tensor.ts';
import { encodeSafetensors, type TensorData } from '../safetensors.ts';

/** Bytes that one file may have: it is built in memory. */
const MAX_BYTES = 4 * 2 ** 30;

/** Collects tensors (N, …) by name; `joined` concatenates them along the first axis. `add` throws UserError above 4 GiB. */
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
          throw new UserError(
            `the output is larger than ${MAX_BYTES / 2 ** 30} GiB: use fewer images, or leave out attention maps`,
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
export const writeTensorsFile = (
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Record<string, string> = {},
): Promise<void> => writeAtomically(path, encodeSafetensors(tensors, metadata));
