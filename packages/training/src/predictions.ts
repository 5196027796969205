/** What a model says of each image of a set, as a compact file for the worker. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PredictionFile, TrainCommand } from '@ablate/contracts';
import { sha256, writeAtomically } from '@ablate/files';
import { encodeSafetensors, type TensorData } from '@ablate/models/safetensors';

/** One entry an image, in the order of evaluation. */
export type Predictions = {
  predicted: Uint16Array;
  /** Probability of the predicted class, in steps of 1/255. */
  confidence: Uint8Array;
  /** Classes with a higher probability than the true one: 0 if the prediction is right. */
  rank: Uint16Array;
  labels: Uint16Array;
};

/** Most classes that two bytes number. */
const MAX_CLASSES = 65_536;

/** Collects predictions of `images` images, batch by batch. */
export function collectPredictions(images: number, classes: number) {
  if (classes > MAX_CLASSES) return null;
  const predictions: Predictions = {
    predicted: new Uint16Array(images),
    confidence: new Uint8Array(images),
    rank: new Uint16Array(images),
    labels: new Uint16Array(images),
  };
  let next = 0;
  return {
    predictions,
    /** @param logits (B, K), of which the first `labels.length` rows count */
    add(logits: ArrayLike<number>, labels: Int32Array): void {
      for (let row = 0; row < labels.length; row++, next++) {
        const [start, label] = [row * classes, labels[row] ?? 0];
        const own = logits[start + label] ?? Number.NaN;
        let [best, rank] = [0, 0];
        for (let k = 0; k < classes; k++) {
          const logit = logits[start + k] ?? Number.NaN;
          if (logit > (logits[start + best] ?? Number.NaN)) best = k;
          if (logit > own) rank++;
        }
        const top = logits[start + best] ?? Number.NaN;
        let sum = 0;
        for (let k = 0; k < classes; k++) sum += Math.exp((logits[start + k] ?? Number.NaN) - top);
        predictions.predicted[next] = best;
        predictions.rank[next] = rank;
        predictions.labels[next] = label;
        predictions.confidence[next] = Math.round(255 / sum);
      }
    },
  };
}

/** Bytes of whole numbers, big-endian if `width` is 2, as SQL reads them. */
function packed(values: Uint16Array, width: 1 | 2): Uint8Array {
  if (width === 1) return Uint8Array.from(values);
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint16(2 * i, value);
  });
  return bytes;
}

/**
 * Writes predictions into the run's folder; the name holds the attempt. `indices` are the images within their set; without them the
 * set is whole.
 */
export async function writePredictions(
  { folder, attempt }: Pick<TrainCommand, 'folder' | 'attempt'>,
  split: PredictionFile['split'],
  { predictions, classes, indices }: { predictions: Predictions; classes: readonly string[]; indices?: Int32Array },
): Promise<PredictionFile> {
  const width = classes.length > 256 ? 2 : 1;
  const images = predictions.labels.length;
  const tensors = new Map<string, TensorData>();
  const add = (name: string, data: Uint8Array) => tensors.set(name, { dtype: 'U8', shape: [data.length], data });
  add('predicted', packed(predictions.predicted, width));
  add('confidence', predictions.confidence);
  add('rank', packed(predictions.rank, width));
  add('labels', packed(predictions.labels, width));
  if (indices) tensors.set('indices', { dtype: 'I32', shape: [images], data: indices.slice() });
  const encoded = encodeSafetensors(tensors, { classes: JSON.stringify(classes) });
  await mkdir(folder, { recursive: true });
  const file = `predictions-${split}-${attempt}.safetensors`;
  const path = join(folder, file);
  await writeAtomically(path, encoded, { draft: `${path}.partial`, mode: 0o644, durable: true });
  return { split, file, sha256: sha256(encoded), bytes: encoded.byteLength, images, width };
}
