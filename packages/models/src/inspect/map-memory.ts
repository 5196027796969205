/** How much memory attention maps take, computed before a network runs. */
import { type Model, UserError } from '@ablate/contracts';
import { modelLayers } from '../count/count.ts';

/** Bytes of attention maps that one forward pass may return. */
const PASS_BYTES = 2 ** 30;
/** Bytes of attention maps that are kept for one file. */
const FILE_BYTES = 4 * 2 ** 30;

/** Bytes of the maps of all layers, in single precision, for one image. The two maps of a differential head are returned as one. */
export function mapBytes(model: Model): number {
  const softmax = modelLayers(model).filter(({ name }) => /^(?!transformer\.).*\.softmax$/.test(name));
  const returned = model.family === 'vit' && model.attention === 'differential' ? 0.5 : 1;
  const dropped = model.family !== 'resnet' && model.family !== 'clip' && model.dropout.attention > 0 ? 0.5 : 1;
  return softmax.reduce((sum, { kept }) => sum + 4 * kept, 0) * returned * dropped;
}

/** The batch size, reduced if the maps of `batch` images exceed 1 GiB; at least 1. */
export const batchForMaps = (model: Model, batch: number): number =>
  Math.max(1, Math.min(batch, Math.floor(PASS_BYTES / Math.max(1, mapBytes(model)))));

/** Whether a pass may return the maps of one image. */
export const mapsFit = (model: Model): boolean => mapBytes(model) <= PASS_BYTES;

/** @throws UserError if the maps of `images` images exceed 4 GiB */
export function checkMapMemory(model: Model, images: number): void {
  const bytes = images * mapBytes(model);
  if (bytes > FILE_BYTES)
    throw new UserError(
      `the attention maps of ${images} images take ${(bytes / 2 ** 30).toFixed(1)} GiB, the limit of one file is ${FILE_BYTES / 2 ** 30} GiB: use fewer images`,
    );
}
