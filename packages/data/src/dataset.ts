/** What a data set is once it is open. */
import type { Pixels } from './pixels.ts';

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
  /** What a reader of its scores must know. */
  note?: string;
};

/** One labelled image on its way into a packed data set; `pixels` is (H, W, 3). `order` decides its place among its set's images. */
export type Sample = { set: 'train' | 'test'; className: string; order: string; size: number; pixels: Uint8Array };

/** A data set that cannot be used: what is wrong with which file, and what to do. */
export class DatasetError extends Error {
  override name = 'DatasetError';
}

export type DatasetProgress = { stage: 'downloading' | 'packing' | 'drawing'; done: number; total: number | null };
export type OnProgress = (progress: DatasetProgress) => void;
