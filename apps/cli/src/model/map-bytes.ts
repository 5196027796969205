/** How much memory attention maps take, known before anything runs. */
import type { Model } from '@ablate/contracts';
import { modelLayers } from '@ablate/models/count';
import { Failure } from '../failure.ts';

/** Bytes of maps that one forward pass may show. */
const PASS = 2 ** 30;
/** Bytes of maps that are kept for one file. */
const KEPT = 4 * 2 ** 30;

/** Bytes of the maps of all layers, for one image. Of differential attention the two maps of a head are shown as one. */
export function mapBytes(model: Model): number {
  const softmax = modelLayers(model).filter(({ name }) => /^(?!transformer\.).*\.softmax$/.test(name));
  const shown = model.family === 'vit' && model.attention === 'differential' ? 0.5 : 1;
  const again = model.family !== 'resnet' && model.family !== 'clip' && model.dropout.attention > 0 ? 0.5 : 1;
  return softmax.reduce((sum, { kept }) => sum + 4 * kept, 0) * shown * again;
}

/** Images a pass so that their maps fit; at least one. */
export const batchForMaps = (model: Model, batch: number): number =>
  Math.max(1, Math.min(batch, Math.floor(PASS / Math.max(1, mapBytes(model)))));

/** @throws Failure where the maps of so many images would not fit one file. */
export function checkMaps(model: Model, images: number): void {
  const bytes = images * mapBytes(model);
  if (bytes > KEPT)
    throw new Failure(
      `the attention maps of ${images} images are ${(bytes / 2 ** 30).toFixed(1)} GiB, more than the ${KEPT / 2 ** 30} GiB that one file takes: give fewer images`,
    );
}
