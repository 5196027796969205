/** Prepares a picture as a network's input: as the reference implementation of each kind of weights does, or as a run did. */
import type { Preprocessing } from '@ablate/contracts';
import { normaliser } from '../batch/batches.ts';
import type { Picture } from '../dataset.ts';
import { decodeImage } from './decode.ts';
import { type ResizeFilter, resizeAndCrop } from './resize.ts';
import { squarePicture } from './square.ts';

type Preparation = {
  interpolation: ResizeFilter;
  /** Shorter side after the resize, for an input of `side`. */
  shorter: (side: number) => number;
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
};

/** `imagenet`: torchvision's ResNet weights. `clip`: OpenAI's. `cifar10`: the statistics of its training set. */
const PREPARATIONS = {
  imagenet: {
    interpolation: 'bilinear',
    shorter: (side) => Math.floor((side * 256) / 224),
    mean: [0.485, 0.456, 0.406],
    deviation: [0.229, 0.224, 0.225],
  },
  clip: {
    interpolation: 'bicubic',
    shorter: (side) => side,
    mean: [0.48145466, 0.4578275, 0.40821073],
    deviation: [0.26862954, 0.26130258, 0.27577711],
  },
  cifar10: {
    interpolation: 'bilinear',
    shorter: (side) => side,
    mean: [0.4914, 0.4822, 0.4465],
    deviation: [0.247, 0.2435, 0.2616],
  },
} as const satisfies Record<string, Preparation>;
export type PreparationName = keyof typeof PREPARATIONS;

export type Prepared = {
  /** The network's view before normalisation: (side, side, 3) bytes. */
  seen: Picture;
  /** (side, side, 3), normalised. */
  values: Float32Array;
};

/** Resize, crop and normalise one picture for an input of `side` pixels. */
export function prepare(picture: Picture, name: PreparationName, side: number): Prepared {
  const { interpolation, shorter, mean, deviation } = PREPARATIONS[name];
  const seen = resizeAndCrop(picture, shorter(side), side, interpolation);
  const values = Float32Array.from(
    seen.pixels,
    (value, at) => (value / 255 - (mean[at % 3] ?? 0)) / (deviation[at % 3] ?? 1),
  );
  return { seen, values };
}

/** Largest side of a picture for weights of another implementation. */
const MAX_SIDE = 10_000;

type Prepare = (bytes: Uint8Array, name: string) => Promise<Prepared>;

/**
 * Decode and prepare pictures for an input of `side` pixels. With the preprocessing of a run, every step is the one that packs
 * and normalises its data set, so that the same file gives the same values. `name` names the picture in errors.
 * @throws DatasetError if a picture cannot be decoded
 */
export function preparer(preparation: PreparationName | Preprocessing, side: number): Prepare {
  if (typeof preparation === 'string')
    return async (bytes, name) => prepare(await decodeImage(bytes, name, MAX_SIDE), preparation, side);
  const normalise = normaliser(preparation);
  return async (bytes, name) => {
    const seen = await squarePicture({ image: { bytes }, order: name }, side);
    const values = new Float32Array(seen.pixels.length);
    normalise(seen.pixels, values, 0);
    return { seen, values };
  };
}
