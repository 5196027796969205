/** An open data set, and the samples that it is packed from. */
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
  /** Side of the square images, in pixels. */
  imageSize: number;
  /** Class names; a label is an index into them. */
  classes: string[];
  /** Per channel, over all pixels of the training images; a byte of 255 counts as 1. */
  mean: [number, number, number];
  std: [number, number, number];
  train: ImageSet;
  test: ImageSet;
  /** The source's own validation images; absent if `split` holds them out of the training set. */
  validation?: ImageSet;
  /** A caveat about scores on this data set. */
  note?: string;
};

export type SetName = 'train' | 'validation' | 'test';

/** The bytes of an image file. */
type EncodedImage = { bytes: Uint8Array };

/** One labelled image of a source, before packing. */
export type Sample = {
  set: SetName;
  className: string;
  /** The class's number in the source, if the source numbers its classes. */
  classIndex?: number;
  /** Sort key within the set; also names the image in messages. */
  order: string;
  image: Picture | EncodedImage;
};

/** A file of the source that cannot be opened. */
type UnreadableSample = Omit<Sample, 'image'> & { unreadable: string };
export type SourceItem = Sample | UnreadableSample;

/** The data set cannot be used. The message gives the file, the problem and the remedy. */
export class DatasetError extends Error {
  override name = 'DatasetError';
}

export type DatasetProgress = {
  stage: 'listing' | 'downloading' | 'packing' | 'writing' | 'waiting';
  done: number;
  total: number | null;
};
export type OnProgress = (progress: DatasetProgress) => void;
