/** A run in training: its state, what it reports of itself, and how it is saved. */
import { setImmediate as tick } from 'node:timers/promises';
import type { CheckpointFile, Environment, Preprocessing, TrainCommand, TrainerEvent } from '@ablate/contracts';
import type { Dataset, ImageSet, Loader, OpenOptions } from '@ablate/data';
import { type Restored, saveCheckpoint } from './checkpoints.ts';
import type { Learner } from './learner.ts';
import type { Predictions } from './predictions.ts';
import type { LearningRates } from './schedule.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { Identity, TrainingState } from './training-state.ts';

export type FitOptions = {
  data: OpenOptions;
  /** Least seconds between two checkpoints within an epoch; saving never takes more than a twentieth of the time. */
  checkpointSeconds: number;
  environment: Omit<Environment, 'precision'>;
  /** Aborted with `Stopped` to end early, between two steps. */
  stop: AbortSignal;
};

export type Events<Result = void> = AsyncGenerator<TrainerEvent, Result, void>;

/** What does not change while a run trains. */
export type Setup = {
  command: TrainCommand;
  options: FitOptions;
  dataset: Dataset;
  /** Indices of the training images that are used, and of the images held out for validation in `heldOut`. */
  train: Int32Array;
  validation: Int32Array;
  heldOut: ImageSet;
  stepsPerEpoch: number;
  totalSteps: number;
  rates: LearningRates;
  identity: Identity;
  batches: Loader;
  learner: Learner;
};

/** A run in training. The fields of the second part change. */
export type Run = Setup & {
  watch: Stopwatch;
  restored: Restored;
  /** The training images on which train accuracy is measured: the first of the stratified choice. */
  seen: Int32Array;
} & {
  state: TrainingState;
  best: CheckpointFile | null;
  /** Of the best epoch on the validation images; null if an earlier attempt trained it. */
  bestPredictions: Predictions | null;
  /** Step of the last checkpoint. */
  savedStep: number;
  /** Whether the learner holds the best epoch's weights instead of the newest. */
  testing: boolean;
  /** What could not be done at the end, and why it came early. */
  notes: string[];
  /** What the last `started` reported. */
  reported: { compiled: boolean; notes: number };
};

export function started(run: Run): TrainerEvent {
  const { command, options, dataset, learner, restored, totalSteps } = run;
  const { epochs, precision } = command.config.train;
  run.reported = { compiled: learner.compiled, notes: learner.notes.length };
  return {
    type: 'started',
    totalSteps,
    epochs,
    parameters: learner.parameters,
    datasetHash: dataset.hash,
    resumedFrom: restored.resumedFrom,
    compiled: learner.compiled,
    notes: [
      ...(dataset.note ? [dataset.note] : []),
      ...(measuresAugmented(command.config) ? [AUGMENTED_NOTE] : []),
      ...restored.notes,
      ...learner.notes,
      ...run.notes,
    ],
    environment: { ...options.environment, precision },
  };
}

/** Whether train accuracy is measured through the augmentation. */
export const measuresAugmented = ({ train }: TrainCommand['config']): boolean => train.evaluate?.with === 'augmented';

const AUGMENTED_NOTE =
  'train accuracy is of augmented images (train.evaluate.with): it is lower than on the images of validation and test';

export const progress = (run: Run, loss: number): TrainerEvent => ({
  type: 'progress',
  step: run.state.step,
  epoch: run.state.step / run.stepsPerEpoch,
  loss,
  samplesPerSecond: run.watch.samplesPerSecond(),
  secondsLeft: secondsLeft(run),
});

export const imagesPerEvaluation = ({ seen, validation }: Run): number => seen.length + validation.length;

/** @param evaluated images of the evaluation or test under way that are done */
export function secondsLeft(run: Run, evaluated = 0): number {
  const { watch, dataset, state, totalSteps } = run;
  const { epochs, evaluate } = run.command.config.train;
  const every = evaluate?.everyEpochs ?? 1;
  const evaluations = state.epoch === epochs ? 0 : Math.ceil(epochs / every) - Math.floor(state.epoch / every);
  return watch.secondsFor({
    steps: totalSteps - state.step,
    images: evaluations * imagesPerEvaluation(run) + dataset.test.count - evaluated,
  });
}

/** What `squarePicture` and `normaliser` do to each image. */
const preprocessingOf = ({ imageSize, mean, std, classes }: Dataset): Preprocessing => ({
  version: 1,
  imageSize,
  resize: 'shorter-side',
  interpolation: 'bilinear',
  crop: 'centre',
  mean,
  std,
  classes,
});

export async function save(run: Run, kind: CheckpointFile['kind']): Promise<CheckpointFile> {
  const { command, learner, identity, state } = run;
  const preprocessing = preprocessingOf(run.dataset);
  const checkpoint = await run.watch.saving(() =>
    saveCheckpoint(command, kind, { learner, identity, state, preprocessing }),
  );
  run.savedStep = state.step;
  return checkpoint;
}

/** TensorFlow blocks the event loop: let messages in. Throws if one of them requested a stop. */
export async function yieldToMessages(stop: AbortSignal): Promise<void> {
  await tick();
  stop.throwIfAborted();
}
