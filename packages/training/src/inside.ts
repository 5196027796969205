/** What the model of the best epoch looks at on fixed images, as files for the worker. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSIDE_IMAGES, type InsideFiles, type InsideHeader, type TrainCommand } from '@ablate/contracts';
import { type Dataset, type ImageSet, normaliser, openPixels, spreadOverClasses } from '@ablate/data';
import { sha256 } from '@ablate/files';
import { encodePng, encodeSafetensors, type Float, float, type Inside } from '@ablate/models';

/** Pixels of all images together: sixteen of 256 × 256. */
const MAX_PIXELS = INSIDE_IMAGES * 256 ** 2;

type Images = {
  /** (N, S, S, 3), normalised. */
  values: Float;
  /** The bytes of a PNG file: the images from left to right. */
  png: Uint8Array;
  /** Of each image: its index in the set, and its class. */
  labels: { index: number; label: number }[];
};

/** Held-out images, spread over the classes: the same for every run on the same split. Fewer than sixteen if they are large. */
function fixedImages(dataset: Dataset, set: ImageSet, indices: Int32Array): Images {
  const { imageSize: side } = dataset;
  const size = side * side * 3;
  const most = Math.max(1, Math.min(INSIDE_IMAGES, Math.floor(MAX_PIXELS / side ** 2)));
  const chosen = spreadOverClasses(set.labels, indices, most);
  const values = new Float32Array(chosen.length * size);
  const strip = new Uint8Array(values.length);
  const normalise = normaliser(dataset);
  const pixels = openPixels(set.images, size);
  try {
    for (const [at, index] of chosen.entries()) {
      const image = pixels.at(index);
      normalise(image, values, at * size);
      for (let row = 0; row < side; row++)
        strip.set(image.subarray(row * side * 3, (row + 1) * side * 3), (row * chosen.length + at) * side * 3);
    }
  } finally {
    pixels.close();
  }
  return {
    values: float([chosen.length, side, side, 3], values),
    png: encodePng({ width: chosen.length * side, height: side, pixels: strip }),
    labels: chosen.map((index) => ({ index, label: set.labels[index] ?? 0 })),
  };
}

/** The file's metadata. `labels` of the images; null for pictures of a user. */
export function insideHeader(
  { family, query, notes, top }: Inside,
  { imageSize, classes }: Pick<Dataset, 'imageSize' | 'classes'>,
  labels: readonly ({ index: number; label: number } | null)[],
): InsideHeader {
  const name = (label: number) => classes[label] ?? String(label);
  return {
    ...{ version: 1, family, imageSize, query, notes },
    images: top.map((best, at) => {
      const known = labels[at];
      return {
        index: known?.index ?? null,
        label: known?.label ?? null,
        labelName: known ? name(known.label) : null,
        top: best.map(({ label, probability }) => ({ label, name: name(label), probability })),
      };
    }),
  };
}

/**
 * Look at the images and write what is found into the run's folder; the names hold the attempt. `look` runs the network on normalised
 * images (N, S, S, 3). The files are not flushed to the disk: the worker reads them at once.
 */
export async function writeInside(
  { folder, attempt }: Pick<TrainCommand, 'folder' | 'attempt'>,
  { dataset, set, indices }: { dataset: Dataset; set: ImageSet; indices: Int32Array },
  look: (images: Float) => Inside,
): Promise<InsideFiles> {
  const images = fixedImages(dataset, set, indices);
  const inside = look(images.values);
  const header = insideHeader(inside, dataset, images.labels);
  await mkdir(folder, { recursive: true });
  const write = async (file: string, bytes: Uint8Array) => {
    await writeFile(join(folder, file), bytes);
    return { file, sha256: sha256(bytes), bytes: bytes.byteLength };
  };
  return {
    maps: await write(
      `inside-${attempt}.safetensors`,
      encodeSafetensors(inside.tensors, { inside: JSON.stringify(header) }),
    ),
    images: await write(`inside-${attempt}.png`, images.png),
  };
}
