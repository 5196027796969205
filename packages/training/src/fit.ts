/** Training of one run, from opening the data to the final figures. `fit` reads from top to bottom; its stages follow in order. */
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises';
import {
  augmentOps,
  type CheckpointFile,
  type Environment,
  type Metric,
  type Preprocessing,
  type Stage,
  type TrainCommand,
  type TrainerEvent,
} from '@ablate/contracts';
import {
  type Batch,
  batchesPerEpoch,
  type Dataset,
  defaultThreads,
  evaluationBatches,
  type ImageSet,
  type Loader,
  normalisedBy,
  type OpenOptions,
  openDataset,
  openLoader,
  split,
} from '@ablate/data';
import { type Restored, restoreBest, restoreNewest, saveCheckpoint } from './checkpoints.ts';
import { Diverged, Stopped } from './endings.ts';
import { writeInside } from './inside.ts';
import { createLearner, type Learner } from './learner.ts';
import { collectPredictions, type Predictions, writePredictions } from './predictions.ts';
import { type LearningRates, learningRate } from './schedule.ts';
import { stopReason } from './stop-rules.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import type { Identity, TrainingState } from './training-state.ts';

/** Interval between `stage` events while a data set is downloaded or packed. */
const STAGE_MS = 1000;

/** Most training images on which train accuracy is measured by default: the standard error is then ≤ √(¼ / 2000), 1.1 points. */
const TRAIN_ACCURACY_IMAGES = 2_000;

export type FitOptions = {
  data: OpenOptions;
  /** Least seconds between two checkpoints within an epoch; saving never takes more than a twentieth of the time. */
  checkpointSeconds: number;
  environment: Omit<Environment, 'precision'>;
  /** Aborted with `Stopped` to end early, between two steps. */
  stop: AbortSignal;
};

type Events<Result = void> = AsyncGenerator<TrainerEvent, Result, void>;

/**
 * Train one run. Yields `reached` instead of `finished` if it stops after `until` epochs; `started` after the first step, `progress` about once a second, `stage` while it packs,
 * evaluates or tests, `metrics` and `checkpoint`s after each epoch, and `finished` at the end; or `failed` if it was
 * stopped. Throws on any other failure.
 *
 * The same config, seed and data give the same weights on one device, however often training is stopped and resumed:
 * every random number is counted from (seed, purpose, epoch or step).
 */
export async function* fit(command: TrainCommand, options: FitOptions): Events {
  const { epochs } = command.config.train;
  const until = Math.min(epochs, command.until ?? epochs);
  const data = yield* openData(command, options);
  const batches = openLoader(data.dataset, data.choice, {
    epochs,
    threads: defaultThreads(options.environment.threads),
  });
  const learner = createLearner(command.config, { seed: command.seed });
  try {
    const run = await resume({ command, options, ...data, batches, learner });
    try {
      if (run.state.epoch >= until) yield started(run);
      for (let epoch = run.state.epoch; epoch < until; epoch++) {
        if (until === epochs && (yield* endsEarly(run))) break;
        yield* trainEpoch(run, epoch);
        // The search reads what a rung was measured at, whether or not the spec asks for it.
        if (isEvaluated(command.config, epoch) || epoch + 1 === until) yield* evaluateEpoch(run, epoch);
        else yield* passEpoch(run, epoch);
      }
      if (until < epochs) yield reached(run);
      else yield* testBest(run);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      yield* stopEarly(run, error);
    }
  } finally {
    learner.dispose();
    await batches.close();
  }
}

/** What does not change while a run trains. */
type Setup = {
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
type Run = Setup & {
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

/** Open and split the data set, and check that the model fits it. Yields `stage` while it is downloaded or packed. */
async function* openData(command: TrainCommand, { data }: FitOptions) {
  const { config, seed } = command;
  const { epochs, batchSize, optimizer, schedule } = config.train;
  const augment = augmentOps(config.augment);
  const dataset = normalisedBy(yield* opened(config, data), augment);
  checkFits(dataset, command);
  const { train, validation, heldOut } = split(dataset, config.dataset);
  const stepsPerEpoch = batchesPerEpoch({ indices: train, batchSize });
  if (stepsPerEpoch === 0)
    throw new Error(`train.batchSize: ${batchSize} is larger than the ${train.length} training images`);
  const totalSteps = epochs * stepsPerEpoch;
  const rates = { base: optimizer.learningRate, schedule, stepsPerEpoch, totalSteps };
  const identity = { config, seed, datasetHash: dataset.hash };
  const choice = { indices: train, batchSize, augment, seed };
  return { dataset, train, validation, heldOut, stepsPerEpoch, totalSteps, rates, identity, choice };
}

/** The data set. Yields `stage` every second while this or another process downloads or packs it. */
async function* opened({ dataset }: TrainCommand['config'], data: OpenOptions): Events<Dataset> {
  let stage: Stage | undefined;
  const opening = openDataset(dataset, {
    ...data,
    onProgress: ({ stage: name, done, total }) => (stage = { name, done, total }),
  });
  const settled = opening.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([settled, sleep(STAGE_MS, false)])))
    if (stage) yield { type: 'stage', stage, secondsLeft: null };
  return opening;
}

function checkFits(dataset: Dataset, { config: { model } }: TrainCommand): void {
  if (model.imageSize !== dataset.imageSize)
    throw new Error(
      `model.imageSize: ${dataset.name} has images of ${dataset.imageSize} × ${dataset.imageSize} pixels, not ${model.imageSize}`,
    );
  if (model.family !== 'clip' && model.classes !== dataset.classes.length)
    throw new Error(`model.classes: ${dataset.name} has ${dataset.classes.length} classes, not ${model.classes}`);
}

/** Restore the newest valid checkpoint, if there is one, and start the clock. */
async function resume(setup: Setup): Promise<Run> {
  const { command, identity, learner, train } = setup;
  const { trainImages = TRAIN_ACCURACY_IMAGES } = command.config.train.evaluate ?? {};
  const restored = await restoreNewest(command, { learner, identity });
  const { state, best } = restored;
  return {
    ...setup,
    watch: startStopwatch(),
    restored,
    seen: train.subarray(0, trainImages),
    state,
    best,
    bestPredictions: null,
    savedStep: state.step,
    testing: false,
    notes: [],
    reported: { compiled: false, notes: 0 },
  };
}

/** Take the remaining steps of an epoch. */
async function* trainEpoch(run: Run, epoch: number): Events {
  const { learner, batches, watch, stepsPerEpoch, rates } = run;
  const { checkpointSeconds, stop } = run.options;
  const { batchSize } = run.command.config.train;
  for (let number = run.state.step - epoch * stepsPerEpoch; number < stepsPerEpoch; number++) {
    await yieldToMessages(stop);
    const { step } = run.state;
    const batch = await watch.waiting(() => batches.batch(epoch, number));
    const { loss } = watch.step(batchSize, () =>
      learner.train(batch, { learningRate: learningRate(step, rates), step }),
    );
    if (!Number.isFinite(loss)) throw new Diverged(`the loss was ${loss} at step ${step}, in epoch ${epoch + 1}`);
    run.state = {
      ...run.state,
      step: step + 1,
      lossSum: run.state.lossSum + loss * batchSize,
      samples: run.state.samples + batchSize,
    };
    if (watch.steps === 1) yield started(run);
    if (watch.progressDue()) yield progress(run, loss);
    if (watch.checkpointDue(checkpointSeconds) && number + 1 < stepsPerEpoch)
      yield { type: 'checkpoint', checkpoint: await save(run, 'last') };
  }
}

/** Whether a rule of the spec ends the training before its next epoch; then a note says which. */
function* endsEarly(run: Run): Generator<TrainerEvent, boolean, void> {
  const { command, state, watch } = run;
  const reason = stopReason(command.config.train.stop, { state, seconds: (command.spentSeconds ?? 0) + watch.seconds });
  if (reason === null) return false;
  run.notes.push(`training ended before its last epoch (train.stop): ${reason}`);
  yield started(run);
  return true;
}

/** Measure train and validation accuracy after an epoch, and save the last checkpoint and, if it is the best so far, the best. */
async function* evaluateEpoch(run: Run, epoch: number): Events {
  const { learner, dataset, seen, validation, heldOut } = run;
  const { config, seed } = run.command;
  const { evaluationBatch: batchSize } = learner;
  const total = imagesPerEvaluation(run);
  const report =
    (before: number) =>
    (done: number): TrainerEvent => ({
      type: 'stage',
      stage: { name: 'evaluating', done: before + done, total },
      secondsLeft: secondsLeft(run, before + done),
    });
  const augmented = measuresAugmented(config) ? { augment: augmentOps(config.augment), seed, epoch } : undefined;
  const trainImages = evaluationBatches(dataset, dataset.train, { indices: seen, batchSize, augmented });
  const heldImages = evaluationBatches(dataset, heldOut, { indices: validation, batchSize });
  const trained = yield* measure(run, { batches: trainImages, images: seen.length, keep: false }, report(0));
  const held = yield* measure(run, { batches: heldImages, images: validation.length, keep: true }, report(seen.length));
  if (!Number.isFinite(held.loss)) throw new Diverged(`the validation loss was ${held.loss} in epoch ${epoch + 1}`);
  // Evaluation is compiled on first use: only now is it known whether it ran as requested.
  if (learner.compiled !== run.reported.compiled || learner.notes.length !== run.reported.notes) yield started(run);
  const figures = { trainAccuracy: trained.accuracy, valAccuracy: held.accuracy, valLoss: held.loss };
  yield* endEpoch(run, epoch, {
    'train/accuracy': figures.trainAccuracy,
    'val/loss': figures.valLoss,
    'val/accuracy': figures.valAccuracy,
  });
  if (run.state.best === null || figures.valAccuracy > run.state.best.valAccuracy) {
    const found = { epoch: epoch + 1, step: run.state.step, ...figures };
    run.state = { ...run.state, best: { ...found, sha256: null } };
    run.best = await save(run, 'best');
    run.bestPredictions = held.predictions;
    run.state = { ...run.state, best: { ...found, sha256: run.best.sha256 } };
    yield { type: 'checkpoint', checkpoint: run.best };
  }
  yield { type: 'checkpoint', checkpoint: await save(run, 'last') };
}

/** End an epoch without an evaluation. */
async function* passEpoch(run: Run, epoch: number): Events {
  yield* endEpoch(run, epoch, {});
  yield { type: 'checkpoint', checkpoint: await save(run, 'last') };
}

/** Report an epoch's figures, those of `evaluated` among them, and begin the next. */
function* endEpoch(run: Run, epoch: number, evaluated: Record<string, number>): Generator<TrainerEvent, void, void> {
  const loss = run.state.lossSum / run.state.samples;
  yield progress(run, loss);
  yield {
    type: 'metrics',
    rows: epochMetrics(run.state, epoch + 1, {
      'train/loss': loss,
      ...evaluated,
      learningRate: learningRate(run.state.step - 1, run.rates),
      samplesPerSecond: run.watch.samplesPerSecond(),
    }),
  };
  run.state = { ...run.state, epoch: epoch + 1, lossSum: 0, samples: 0 };
}

/** The best figures on validation so far; the last checkpoint is saved. The test set is not read. */
function reached({ state: { best, epoch } }: Run): TrainerEvent {
  if (best === null) throw new Error('training stopped without a best epoch');
  return { type: 'reached', epoch, valAccuracy: best.valAccuracy, valLoss: best.valLoss };
}

/** Measure the best epoch's weights on the test set, once. */
async function* testBest(run: Run): Events {
  const { learner, identity, watch, dataset } = run;
  const { folder } = run.command;
  const { best, state } = run;
  if (best === null || state.best === null) throw new Error('training ended without a best epoch');
  run.testing = true;
  await restoreBest(folder, best, { learner, identity });
  const { evaluationBatch: batchSize } = learner;
  const evaluated = (set: ImageSet, indices?: Int32Array) => {
    const total = indices?.length ?? set.count;
    const batches = evaluationBatches(dataset, set, { ...(indices ? { indices } : {}), batchSize });
    return measure(run, { batches, images: total, keep: true }, (done) => ({
      type: 'stage',
      stage: { name: 'testing', done, total },
      secondsLeft: watch.secondsFor({ steps: 0, images: total - done }),
    }));
  };
  const test = yield* evaluated(dataset.test);
  const held = run.bestPredictions ?? (yield* evaluated(run.heldOut, run.validation)).predictions;
  const { classes } = dataset;
  for (const { split, predictions, indices } of [
    { split: 'test' as const, predictions: test.predictions },
    { split: 'validation' as const, predictions: held, indices: run.validation },
  ])
    if (predictions)
      yield {
        type: 'predictions',
        predictions: await writePredictions(run.command, split, {
          ...{ predictions, classes },
          ...(indices ? { indices } : {}),
        }),
      };
  yield* look(run);
  const { trainAccuracy, valAccuracy, valLoss, epoch: bestEpoch } = state.best;
  const samplesPerSecond = watch.samplesPerSecond();
  const result = { trainAccuracy, valAccuracy, valLoss, bestEpoch, samplesPerSecond };
  yield { type: 'finished', result: { ...result, testAccuracy: test.accuracy, testLoss: test.loss } };
}

/** Look inside the model of the best epoch, which the learner holds. A failure is a note: the figures are measured already. */
async function* look(run: Run): Events {
  const { command, learner, dataset, validation, heldOut } = run;
  try {
    const images = { dataset, set: heldOut, indices: validation };
    yield { type: 'inside', inside: await writeInside(command, images, (values) => learner.look(values)) };
  } catch (error) {
    run.notes.push(`no look inside the model: ${error instanceof Error ? error.message : error}`);
    yield started(run);
  }
}

/** Save what is not saved yet, and report the stop. */
async function* stopEarly(run: Run, { reason, message }: Stopped): Events {
  const { state, savedStep, testing, totalSteps } = run;
  // While testing, the learner holds the best epoch's weights, and the newest are saved already.
  if (!testing && state.step > savedStep) yield { type: 'checkpoint', checkpoint: await save(run, 'last') };
  yield { type: 'failed', cause: reason, message: `${message} at step ${state.step} of ${totalSteps}` };
}

type Measured = { accuracy: number; loss: number; predictions: Predictions | null };

/** Batches of `images` images, and whether the prediction for each of them is kept. */
type Evaluation = { batches: Iterable<Batch>; images: number; keep: boolean };

/**
 * Accuracy, mean cross-entropy and predictions over batches without augmentation, in evaluation mode. Yields a report about once a second.
 */
async function* measure(
  { learner, watch, options, dataset }: Run,
  { batches, images, keep }: Evaluation,
  report: (done: number) => TrainerEvent,
): Events<Measured> {
  let [correct, lossSum, count] = [0, 0, 0];
  const collected = keep ? collectPredictions(images, dataset.classes.length) : null;
  for (const batch of batches) {
    const sums = watch.evaluating(batch.count, () => learner.evaluate(batch));
    correct += sums.correct;
    lossSum += sums.lossSum;
    count += batch.count;
    collected?.add(sums.logits, batch.labels);
    await yieldToMessages(options.stop);
    if (watch.progressDue()) yield report(count);
  }
  return { accuracy: correct / count, loss: lossSum / count, predictions: collected?.predictions ?? null };
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

async function save(run: Run, kind: CheckpointFile['kind']): Promise<CheckpointFile> {
  const { command, learner, identity, state } = run;
  const preprocessing = preprocessingOf(run.dataset);
  const checkpoint = await run.watch.saving(() =>
    saveCheckpoint(command, kind, { learner, identity, state, preprocessing }),
  );
  run.savedStep = state.step;
  return checkpoint;
}

/** Whether train accuracy is measured through the augmentation. */
const measuresAugmented = ({ train }: TrainCommand['config']): boolean => train.evaluate?.with === 'augmented';

const AUGMENTED_NOTE =
  'train accuracy is of augmented images (train.evaluate.with): it is lower than on the images of validation and test';

function started(run: Run): TrainerEvent {
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

const progress = (run: Run, loss: number): TrainerEvent => ({
  type: 'progress',
  step: run.state.step,
  epoch: run.state.step / run.stepsPerEpoch,
  loss,
  samplesPerSecond: run.watch.samplesPerSecond(),
  secondsLeft: secondsLeft(run),
});

/** Whether an epoch, counted from 0, ends with an evaluation. */
const isEvaluated = ({ train: { epochs, evaluate } }: TrainCommand['config'], epoch: number): boolean =>
  (epoch + 1) % (evaluate?.everyEpochs ?? 1) === 0 || epoch + 1 === epochs;

const imagesPerEvaluation = ({ seen, validation }: Run): number => seen.length + validation.length;

/** @param evaluated images of the evaluation or test under way that are done */
function secondsLeft(run: Run, evaluated = 0): number {
  const { watch, dataset, state, totalSteps } = run;
  const { epochs, evaluate } = run.command.config.train;
  const every = evaluate?.everyEpochs ?? 1;
  const evaluations = state.epoch === epochs ? 0 : Math.ceil(epochs / every) - Math.floor(state.epoch / every);
  return watch.secondsFor({
    steps: totalSteps - state.step,
    images: evaluations * imagesPerEvaluation(run) + dataset.test.count - evaluated,
  });
}

const epochMetrics = ({ step }: TrainingState, epoch: number, figures: Record<string, number>): Metric[] =>
  Object.entries(figures).map(([name, value]) => ({ name, step, epoch, value }));

/** TensorFlow blocks the event loop: let messages in. Throws if one of them requested a stop. */
async function yieldToMessages(stop: AbortSignal): Promise<void> {
  await tick();
  stop.throwIfAborted();
}
