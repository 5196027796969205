/** Input of the loaders: real images from the data sets of a run. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset, openPixels } from '@ablate/data';
import sharp, { type Sharp } from 'sharp';
import { trainingData } from '../train/training-data.ts';

/** Too many to fit in a cache. */
const SMALL = 20_000;
const LARGE = 512;
/** Mosaics of Tiny ImageNet photographs, with the detail, and so the bytes, of a photograph of that size. */
const [ACROSS, DOWN] = [8, 6];
const SIDE = 224;

async function opened(name: string) {
  const { train, imageSize, note } = await openDataset(name, trainingData());
  if (note) console.error(note);
  const pixels = openPixels(train.images, imageSize * imageSize * 3);
  return { pixels, imageSize, count: train.count };
}

/** A file of CIFAR-10's images, raw (N, 32, 32, 3). */
async function writeSmall(folder: string): Promise<string> {
  const { pixels, imageSize } = await opened('cifar10');
  const bytes = imageSize * imageSize * 3;
  const all = new Uint8Array(SMALL * bytes);
  for (let i = 0; i < SMALL; i++) all.set(pixels.at(i), i * bytes);
  pixels.close();
  const file = join(folder, 'images.bin');
  writeFileSync(file, all);
  return file;
}

/** Photographs of 512×384 pixels. */
async function* mosaics(): AsyncGenerator<Sharp> {
  const { pixels, imageSize, count } = await opened('tiny-imagenet-20');
  const row = imageSize * 3;
  const raw = { width: ACROSS * imageSize, height: DOWN * imageSize, channels: 3 } as const;
  for (let file = 0; file < LARGE; file++) {
    const mosaic = new Uint8Array(ACROSS * DOWN * imageSize * row);
    for (let tile = 0; tile < ACROSS * DOWN; tile++) {
      const image = pixels.at((file * ACROSS * DOWN + tile) % count);
      const corner = (Math.floor(tile / ACROSS) * imageSize * ACROSS + (tile % ACROSS)) * row;
      for (let y = 0; y < imageSize; y++) mosaic.set(image.subarray(y * row, (y + 1) * row), corner + y * ACROSS * row);
    }
    yield sharp(mosaic, { raw });
  }
  pixels.close();
}

/** A folder of JPEG files of 512×384 pixels, quality 90. */
async function writeJpeg(folder: string): Promise<string> {
  const target = join(folder, 'jpeg');
  mkdirSync(target);
  let file = 0;
  for await (const image of mosaics())
    await image.jpeg({ quality: 90 }).toFile(join(target, `${String(file++).padStart(4, '0')}.jpg`));
  return target;
}

/** The same as a packed copy: raw (N, 224, 224, 3). */
async function writeLarge(folder: string): Promise<string> {
  const file = join(folder, 'large.bin');
  writeFileSync(file, '');
  for await (const image of mosaics()) appendFileSync(file, await image.resize(SIDE, SIDE).raw().toBuffer());
  return file;
}

/** What the loaders read, each made when it is first asked for. */
export function openImages(folder: string) {
  const writers = { small: writeSmall, jpeg: writeJpeg, large: writeLarge };
  const made = new Map<keyof typeof writers, Promise<string>>();
  return (kind: keyof typeof writers): Promise<string> => {
    const images = made.get(kind) ?? writers[kind](folder);
    made.set(kind, images);
    return images;
  };
}
