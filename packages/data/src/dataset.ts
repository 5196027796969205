/** What a data set is once it is open. */
import type { Picture } from '@ablate/files/png';

export type { Picture };

/**
 * (N, H, W, 3) bytes, row-major, RGB. Plain data, so that it can be passed to a thread: the bytes of a `SharedArrayBuffer` are
 * not copied, a file is opened once more there.
 */
export type Pixels = Uint8Array | { file: string; offset: number };

/** Images of one size. */
export type ImageSet = {
  /** (N, H, W, 3) bytes, read with `openPixels`. */
  images: Pixels;
  /** (N) indices into the data set's classes. */
  labels: Int32Array;
  count: number;
};

export type Dataset = {
  name: string;
  /** SHA-256 of the packed bytes: images and labels of both sets. */
  hash: string;
  /** Side of the square images in pixels. */
  imageSize: number;
  /** Names, sorted; a label is an index into them. */
  classes: string[];
  /** Per channel over every pixel of the training images, on a scale where a byte of 255 is 1. */
  mean: [number, number, number];
  std: [number, number, number];
  train: ImageSet;
  test: ImageSet;
  /** Where the source gives validation images; absent where `split` holds them out of the training set. */
  validation?: ImageSet;
  /** What a reader of its scores must know. */
  note?: string;
};

export type SetName = 'train' | 'validation' | 'test';

/** The bytes of an image file. */
export type EncodedImage = { bytes: Uint8Array };

/** One labelled image on its way into a packed data set. */
export type Sample = {
  set: SetName;
  className: string;
  /** The class's place in the source's own numbering, where it has one. */
  classIndex?: number;
  /** Decides the image's place in its set, and names it in messages. */
  order: string;
  image: Picture | EncodedImage;
};

/** A data set that cannot be used: what is wrong with which file, and what to do. */
export class DatasetError extends Error {
  override name = 'DatasetError';
}

export type DatasetProgress = {
  stage: 'downloading' | 'packing' | 'writing' | 'waiting';
  done: number;
  total: number | null;
};
export type OnProgress = (progress: DatasetProgress) => void;
