/** Test images of a data set, as pictures and as a network's input. */
import { join } from 'node:path';
import { type DatasetChoice, UserError } from '@ablate/contracts';
import { DatasetError, dataFolders, normaliser, openDataset, openPixels, type Picture } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { type Float, float } from '@ablate/models';
import type { Context } from '../../command.ts';

export type TestImages = {
  pictures: Picture[];
  /** (N, S, S, 3), normalised. */
  images: Float;
  /** Names of the true classes. */
  labels: string[];
  classes: string[];
};

/** The first test image of each of the first `count` classes. @throws UserError if the data set is not on this machine */
export async function testImages(choice: DatasetChoice, count: number, { env }: Context): Promise<TestImages> {
  const { home, dataFolders: data } = await env();
  const places = { folders: dataFolders({ data, repository: REPOSITORY, home }), cache: join(home, 'cache') };
  const dataset = await openDataset(choice, places).catch((error: unknown) => {
    throw error instanceof DatasetError ? new UserError(error.message) : error;
  });
  const { imageSize: side, test, classes } = dataset;
  const bytes = side * side * 3;
  const chosen = classes.slice(0, count).flatMap((_, label) => {
    const index = test.labels.indexOf(label);
    return index < 0 ? [] : [index];
  });
  const values = new Float32Array(chosen.length * bytes);
  const normalise = normaliser(dataset);
  const pixels = openPixels(test.images, bytes);
  try {
    const pictures = chosen.map((index, i): Picture => {
      const image = pixels.at(index).slice();
      normalise(image, values, i * bytes);
      return { width: side, height: side, pixels: image };
    });
    const labels = chosen.map((index) => classes[test.labels[index] ?? 0] ?? '');
    return { pictures, images: float([chosen.length, side, side, 3], values), labels, classes };
  } finally {
    pixels.close();
  }
}
