/** What a run's model looks at: the file of the service, and the maps in it. */
import type { InsideHeader } from '@ablate/contracts';
import { queryOptions } from '@tanstack/react-query';
import { requestFile } from '../../data/request.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';

/** Maps of patches, row by row. */
export type Grid = { rows: number; columns: number; data: Float32Array };

/** RGBA bytes of square images, one after the other. */
export type Pictures = { side: number; count: number; pixels: Uint8ClampedArray };

export type Inside = { header: InsideHeader; tensors: ReadonlyMap<string, Tensor>; pictures: Pictures };

/** The images of a strip, each as a block of its own. */
async function picturesOf(file: Blob): Promise<Pictures> {
  const bitmap = await createImageBitmap(file);
  const side = bitmap.height;
  const count = Math.floor(bitmap.width / side);
  const canvas = new OffscreenCanvas(bitmap.width, side);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no canvas');
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint8ClampedArray(count * side * side * 4);
  for (let image = 0; image < count; image++)
    pixels.set(context.getImageData(image * side, 0, side, side).data, image * side * side * 4);
  return { side, count, pixels };
}

export const insideQuery = (runId: string) =>
  queryOptions({
    queryKey: ['inside', runId],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<Inside> => {
      const [maps, images] = await Promise.all([
        requestFile(`/runs/${runId}/inside`, { signal }),
        requestFile(`/runs/${runId}/inside.png`, { signal }),
      ]);
      const { metadata, tensors } = readSafetensors(await maps.arrayBuffer());
      const header: InsideHeader = JSON.parse(metadata.inside ?? '{}');
      return { header, tensors, pictures: await picturesOf(images) };
    },
  });

const PREFIX = 'attention.';
/** Which of the maps of differential attention. */
export const PARTS = ['difference', 'first', 'second'] as const;
export type Part = (typeof PARTS)[number];
const nameOf = (layer: string, part: Part) => `${part === 'difference' ? '' : `${part}.`}${PREFIX}${layer}`;

const inOrder = new Intl.Collator('en', { numeric: true }).compare;

/** The layers with attention, first to last: "0" of a ViT, "small.0.1" and "small.0.cross" of CrossViT. */
export const layersOf = ({ tensors }: Inside): string[] =>
  [...tensors.keys()]
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
    .sort(inOrder);

export const headsOf = ({ tensors }: Inside, layer: string): number => tensors.get(PREFIX + layer)?.shape[1] ?? 0;

/** Whether tokens attend to tokens, so that each patch looks somewhere. */
export const hasMatrices = (inside: Inside): boolean => layersOf(inside).length > 0;

/** Whether it holds the two maps of each head of differential attention beside their difference. */
export const isDifferential = ({ tensors }: Inside): boolean =>
  [...tensors.keys()].some((name) => name.startsWith('first.'));

/** Maps beside the attention of layers, by name and title; those of branches have their name. */
export function wholeMaps({ tensors }: Inside): { name: string; title: string }[] {
  const titles = { rollout: 'Rollout', gradcam: 'Grad-CAM' };
  return Object.entries(titles).flatMap(([kind, title]) =>
    [...tensors.keys()]
      .filter((name) => name === kind || name.startsWith(`${kind}.`))
      .sort()
      .map((name) => ({ name, title: name === kind ? title : `${title}, ${name.slice(kind.length + 1)} branch` })),
  );
}

/** One block of a tensor's last two axes. Null if the tensor has none for the image. */
function blockOf(tensor: Tensor | undefined, index: number): Grid | null {
  const [rows = 0, columns = 0] = tensor?.shape.slice(-2) ?? [];
  const size = rows * columns;
  const data = tensor?.data.subarray(index * size, (index + 1) * size);
  return data?.length === size && size > 0 ? { rows, columns, data } : null;
}

/** A map of one image: a head, or the mean of the heads. Null if it is not stored. */
export function headMap(
  { tensors }: Inside,
  { image, layer, head, part }: { image: number; layer: string; head: number | 'mean'; part: Part },
): Grid | null {
  const tensor = tensors.get(nameOf(layer, part));
  const heads = tensor?.shape[1] ?? 0;
  if (head !== 'mean') return head < heads ? blockOf(tensor, image * heads + head) : null;
  const all = Array.from({ length: heads }, (_, at) => blockOf(tensor, image * heads + at));
  const [first] = all;
  if (!first) return null;
  const data = first.data.map((_, at) => all.reduce((sum, one) => sum + (one?.data[at] ?? 0), 0) / heads);
  return { ...first, data };
}

/** Rollout or Grad-CAM of one image. */
export const wholeMap = ({ tensors }: Inside, name: string, image: number): Grid | null =>
  blockOf(tensors.get(name), image);
