/** A look at all attention of a run's model, from its checkpoint, on fixed images or on a picture of a user. */
import { join } from 'node:path';
import { type InspectCommand, type Preprocessing, UserError } from '@ablate/contracts';
import { decodeImage, normaliser, preparer } from '@ablate/data';
import {
  encodeSafetensors,
  type Float,
  float,
  lookEverywhere,
  lookInside,
  openNetwork,
  type RunCheckpoint,
  type TensorData,
} from '@ablate/models';
import { readCheckpoint } from './checkpoint-files.ts';
import { insideHeader } from './inside.ts';

/** Largest side of a strip of images in pixels. */
const MAX_STRIP = 16_384;

/** Images of a PNG file, from left to right, normalised: (N, S, S, 3). */
async function ofStrip(strip: Uint8Array, images: readonly number[], preprocessing: Preprocessing): Promise<Float> {
  const { width, height: side, pixels } = await decodeImage(strip, 'the images of the run', MAX_STRIP);
  if (side !== preprocessing.imageSize)
    throw new UserError(`the images of the run have ${side} pixels a side, its model takes ${preprocessing.imageSize}`);
  const count = width / side;
  const outside = images.find((image) => image >= count);
  if (outside !== undefined) throw new UserError(`the run has ${count} images, none of number ${outside}`);
  const normalise = normaliser(preprocessing);
  const row = side * 3;
  const values = new Float32Array(images.length * side * row);
  for (const [at, image] of images.entries())
    for (let y = 0; y < side; y++) {
      const from = (y * width + image * side) * 3;
      normalise(pixels.subarray(from, from + row), values, (at * side + y) * row);
    }
  return float([images.length, side, side, 3], values);
}

/** How the run prepared its images. @throws UserError if its checkpoint does not say */
function preprocessingOf(checkpoint: RunCheckpoint | null): Preprocessing {
  const found = checkpoint?.preprocessing ?? { missing: 'no run wrote it' };
  if ('missing' in found) throw new UserError(`the checkpoint does not say how images are prepared: ${found.missing}`);
  return found;
}

/**
 * The matrices as a safetensors file; for a picture, also what `lookInside` gives, with the picture as the network sees it.
 * @throws UserError or DatasetError if the checkpoint or the picture cannot be used
 */
export async function inspect(command: InspectCommand): Promise<Uint8Array> {
  const { folder, checkpoint: file, strip, images, picture } = command;
  const read = await readCheckpoint(folder, file);
  if ('refused' in read) throw new UserError(`the best checkpoint is refused: ${read.refused}`);
  const opened = await openNetwork(
    { weights: join(folder, file.file) },
    { cache: async () => folder, report: () => {} },
  );
  const { network } = opened;
  try {
    const preprocessing = preprocessingOf(opened.checkpoint);
    if (strip !== null) {
      const found = lookEverywhere(network, await ofStrip(strip, images, preprocessing));
      return encodeSafetensors(found, { images: JSON.stringify(images) });
    }
    if (picture === null) throw new UserError('there is no image to inspect');
    const side = preprocessing.imageSize;
    const { seen, values } = await preparer(preprocessing, side)(picture, 'the picture');
    const one = float([1, side, side, 3], values);
    const inside = lookInside(network, one, { batch: 1 });
    const tensors = new Map<string, TensorData>([...lookEverywhere(network, one), ...inside.tensors]);
    tensors.set('picture', { dtype: 'U8', shape: [side, side, 3], data: Uint8Array.from(seen.pixels) });
    return encodeSafetensors(tensors, { inside: JSON.stringify(insideHeader(inside, preprocessing, [null])) });
  } finally {
    network.dispose();
  }
}
