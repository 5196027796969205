/** A few images of a packed data set as one picture: a grid of equal tiles, for a page that shows them apart. */
import type { DatasetChoice } from '@ablate/contracts';
import { encodePng } from '@ablate/files/png';
import type { Dataset, Picture } from '../dataset.ts';
import { resize } from '../image/resize.ts';
import { type OpenOptions, openPacked } from '../pack/open.ts';
import { packCommand } from '../pack/pack-command.ts';
import { openPixels } from '../pack/pixels.ts';

/** Tiles in a row. */
export const SPRITE_COLUMNS = 8;

/** Larger images are reduced to this side: 64 of them are a picture of one megapixel. */
const MOST_SIDE = 128;

/** Plain data, so that it can be passed to a thread. */
export type SpriteRequest = {
  dataset: DatasetChoice;
  places: Pick<OpenOptions, 'folders' | 'cache'>;
  split: 'test' | 'validation';
  images: readonly number[];
  /** SHA-256 of the packed copy that the images are of; null accepts any. */
  hash: string | null;
};

/** `absent`: why the images cannot be shown; its class would be lost between threads. */
export type SpriteResult = { png: Uint8Array } | { absent: string };

/** Images of a set, SPRITE_COLUMNS in a row. */
function drawTiles({ imageSize, ...dataset }: Dataset, { split, images }: SpriteRequest): Picture {
  const set = split === 'test' ? dataset.test : (dataset.validation ?? dataset.train);
  const side = Math.min(imageSize, MOST_SIDE);
  const [width, height] = [SPRITE_COLUMNS * side, Math.ceil(images.length / SPRITE_COLUMNS) * side];
  const sprite: Picture = { width, height, pixels: new Uint8Array(width * height * 3) };
  const source = openPixels(set.images, imageSize * imageSize * 3);
  try {
    for (const [i, index] of images.entries()) {
      if (index >= set.count) continue;
      const whole = { width: imageSize, height: imageSize, pixels: source.at(index) };
      const { pixels } = side === imageSize ? whole : resize(whole, side, side, 'bilinear');
      const [left, top] = [(i % SPRITE_COLUMNS) * side, Math.floor(i / SPRITE_COLUMNS) * side];
      for (let y = 0; y < side; y++)
        sprite.pixels.set(pixels.subarray(y * side * 3, (y + 1) * side * 3), ((top + y) * width + left) * 3);
    }
  } finally {
    source.close();
  }
  return sprite;
}

/** The images as a PNG file, from the packed copy on this machine. Packs and writes nothing. @throws DatasetError if it is damaged */
export async function drawSprite(request: SpriteRequest): Promise<SpriteResult> {
  const { dataset: choice, places, hash } = request;
  const dataset = await openPacked(choice, { ...places, memoryBytes: 0 });
  const what = `data set "${choice.name}"`;
  if (dataset === null)
    return {
      absent: `${what} is not packed on the API's machine as this run used it: pack it there with \`${packCommand(choice)}\``,
    };
  if (hash !== null && dataset.hash !== hash)
    return { absent: `${what} on the API's machine has other contents than the one that this run used` };
  return { png: encodePng(drawTiles(dataset, request)) };
}
