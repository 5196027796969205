/** What a checkpoint holds beside tensors: where training stands. It holds no times and no attempts, so that a run that was interrupted and one that was not write the same bytes. */
import { type CheckpointFile, type Config, canonicalJson } from '@ablate/contracts';
import { z } from 'zod';

const count = z.int().min(0);

/** Figures of an epoch, measured with the test transform in evaluation mode. */
export const EpochFigures = z.strictObject({
  epoch: count,
  step: count,
  trainAccuracy: z.number(),
  valAccuracy: z.number(),
  valLoss: z.number(),
});
export type EpochFigures = z.infer<typeof EpochFigures>;

export const TrainingState = z.strictObject({
  /** Optimiser steps done. */
  step: count,
  /** Epochs done, their evaluation included. */
  epoch: count,
  /** Of the epoch under way: sum over its samples of the training loss, and how many there were. */
  lossSum: z.number(),
  samples: count,
  /** The best epoch so far; its checkpoint's SHA-256, or null in that checkpoint itself. */
  best: EpochFigures.extend({ sha256: z.string().nullable() }).nullable(),
});
export type TrainingState = z.infer<typeof TrainingState>;

export const newTrainingState = (): TrainingState => ({ step: 0, epoch: 0, lossSum: 0, samples: 0, best: null });

/** What the weights were trained as; a checkpoint of anything else is refused. */
export type Identity = { config: Config; seed: number; datasetHash: string };

const VERSION = '1';

/** As metadata of a safetensors file. */
export const toMetadata = ({ config, seed, datasetHash }: Identity, state: TrainingState): Record<string, string> => ({
  format: 'ablate',
  version: VERSION,
  config: canonicalJson(config),
  seed: String(seed),
  dataset: datasetHash,
  state: canonicalJson(state),
});

/** Read metadata back; throws naming what does not fit this run. */
export function fromMetadata(
  metadata: Record<string, string>,
  { config, seed, datasetHash }: Identity,
  kind: CheckpointFile['kind'],
): TrainingState {
  const expected = { format: 'ablate', version: VERSION, seed: String(seed), config: canonicalJson(config) };
  for (const [name, value] of Object.entries(expected))
    if (metadata[name] !== value) throw new Error(`its ${name} is another`);
  if (metadata.dataset !== datasetHash) throw new Error('the images of its data set were others');
  const state = TrainingState.parse(JSON.parse(metadata.state ?? 'null'));
  if ((kind === 'best') !== (state.best !== null && state.best.sha256 === null))
    throw new Error(`it is not the ${kind} checkpoint that it is said to be`);
  return state;
}
