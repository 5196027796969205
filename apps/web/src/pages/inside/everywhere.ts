/** Where each patch looks, of whole attention matrices. */
import type { Grid } from './inside-file.ts';
import type { Tensors } from './safetensors.ts';

export type Wanted = { image: number; patch: number } & ({ whole: string } | { layer: string; head: number | 'mean' });

/** Which entry of the matrices belongs to an image; null if they do not have it. */
function entryOf({ metadata }: Tensors, image: number): number | null {
  if (metadata.images === undefined) return image === 0 ? 0 : null; // of a picture
  const images: number[] = JSON.parse(metadata.images);
  const at = images.indexOf(image);
  return at < 0 ? null : at;
}

/** Where a patch looks: the row of its token, without the class token's column. Null if the matrices do not have it. */
export function patchMap(everywhere: Tensors, wanted: Wanted): Grid | null {
  const tensor = everywhere.tensors.get('whole' in wanted ? `all.${wanted.whole}` : `all.attention.${wanted.layer}`);
  const entry = entryOf(everywhere, wanted.image);
  const [queries = 0, tokens = 0] = tensor?.shape.slice(-2) ?? [];
  if (!tensor || entry === null || queries !== tokens) return null;
  const side = Math.floor(Math.sqrt(tokens));
  const [patches, first] = [side * side, tokens - side * side];
  const heads = 'whole' in wanted ? 1 : (tensor.shape[1] ?? 0);
  const chosen =
    'whole' in wanted || wanted.head === 'mean' ? Array.from({ length: heads }, (_, at) => at) : [wanted.head];
  const data = new Float32Array(patches);
  for (const head of chosen) {
    const from = ((entry * heads + head) * tokens + first + wanted.patch) * tokens + first;
    for (let at = 0; at < patches; at++) data[at] = (data[at] ?? 0) + (tensor.data[from + at] ?? 0) / chosen.length;
  }
  return { rows: side, columns: side, data };
}
