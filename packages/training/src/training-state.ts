/** What a checkpoint holds beside tensors. No times and no attempt numbers, so that a resumed run writes the same bytes as one that was never interrupted. */
import { type CheckpointFile, type Config, canonicalJson, type Preprocessing } from '@ablate/contracts';
import { z } from 'zod';

const count = z.int().min(0);

/** Results of an epoch, measured with the test transform in evaluation mode. */
const EpochFigures = z.strictObject({
  epoch: count,
  step: count,
  trainAccuracy: z.number(),
  valAccuracy: z.number(),
  valLoss: z.number(),
});

export const TrainingState = z.strictObject({
  /** Optimiser steps done. */
  step: count,
  /** Epochs done, including evaluation. */
  epoch: count,
  /** Of the current epoch: the sum of the training loss over its samples, and their number. */
  lossSum: z.number(),
  samples: count,
  /** The best epoch so far, with its checkpoint's SHA-256; null in that checkpoint itself. */
  best: EpochFigures.extend({ sha256: z.string().nullable() }).nullable(),
});
export type TrainingState = z.infer<typeof TrainingState>;

export const newTrainingState = (): TrainingState => ({ step: 0, epoch: 0, lossSum: 0, samples: 0, best: null });

/** What the weights were trained on; a checkpoint with a different identity is refused. */
export type Identity = { config: Config; seed: number; datasetHash: string };

const VERSION = '1';

/** Metadata of the safetensors file. `preprocessing` is null if nothing reads the weights but the run itself. */
export const toMetadata = (
  { config, seed, datasetHash }: Identity,
  state: TrainingState,
  preprocessing: Preprocessing | null,
): Record<string, string> => ({
  format: 'ablate',
  version: VERSION,
  config: canonicalJson(config),
  seed: String(seed),
  dataset: datasetHash,
  state: canonicalJson(state),
  ...(preprocessing && { preprocessing: canonicalJson(preprocessing) }),
});

/** Parse metadata. Throws if it belongs to a different config, seed, data set or kind of checkpoint. */
export function fromMetadata(
  metadata: Record<string, string>,
  { config, seed, datasetHash }: Identity,
  kind: CheckpointFile['kind'],
): TrainingState {
  const expected = { format: 'ablate', version: VERSION, seed: String(seed), config: canonicalJson(config) };
  for (const [name, value] of Object.entries(expected))
    if (metadata[name] !== value) throw new Error(`the checkpoint belongs to a different ${name}`);
  if (metadata.dataset !== datasetHash) throw new Error('the checkpoint belongs to different images of the data set');
  const state = TrainingState.parse(JSON.parse(metadata.state ?? 'null'));
  if ((kind === 'best') !== (state.best !== null && state.best.sha256 === null))
    throw new Error(`the file is not a ${kind} checkpoint`);
  return state;
}
