/** Training, from the data to the final figures. Reads straight down; whoever iterates decides what becomes of what is yielded. */
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises';
import {
  augmentOps,
  type CheckpointFile,
  type Environment,
  type Metric,
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
  normalisedBy,
  type OpenOptions,
  openDataset,
  openLoader,
  split,
} from '@ablate/data';
import { restoreBest, restoreNewest, saveCheckpoint } from './checkpoints.ts';
import { createLearner, type Learner } from './learner.ts';
import { learningRate } from './schedule.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import { Diverged, Stopped } from './training-ends.ts';
import type { TrainingState } from './training-state.ts';

/** How often a data set that is being packed or downloaded says how far it is. */
const STAGE_MS = 1000;

/** Training images on which train accuracy is measured at most: the first of the stratified choice. Its standard error is then ≤ 0.5 points. */
export const TRAIN_ACCURACY_IMAGES = 10_000;

export type FitOptions = {
  data: OpenOptions;
  /** Least time between two checkpoints within an epoch; they never take more than a twentieth of the time. */
  checkpointSeconds: number;
  environment: Omit<Environment, 'precision'>;
  /** Aborted with `Stopped` to end early, between two steps. */
  stop: AbortSignal;
};

/**
 * Train one run. Yields `started` once the first step has shown that everything works, `progress` about once a second, `stage` while
 * it packs, evaluates or tests, after each epoch `metrics` and `checkpoint`s, at the end `finished`; or `failed` when it was stopped.
 * Throws whatever else goes wrong.
 *
 * The same config, seed and data give the same weights on one device, however often training is stopped and resumed: all
 * that is drawn is counted from (seed, purpose, epoch or step).
 */
export async function* fit(command: TrainCommand, options: FitOptions): AsyncGenerator<TrainerEvent, void, void> {
  const { config, seed, folder } = command;
  const { stop } = options;
  const { epochs, batchSize, optimizer, schedule, precision } = config.train;

  const augment = augmentOps(config.augment);
  const dataset = normalisedBy(yield* opened(config, options.data), augment);
  checkFits(dataset, command);
  const { train, validation, heldOut } = split(dataset, config.dataset);
  const stepsPerEpoch = batchesPerEpoch({ indices: train, batchSize });
  const totalSteps = epochs * stepsPerEpoch;
  if (stepsPerEpoch === 0) throw new Error(`batch size ${batchSize} is more than the ${train.length} training images`);
  const rates = { base: optimizer.learningRate, schedule, stepsPerEpoch, totalSteps };
  const identity = { config, seed, datasetHash: dataset.hash };

  const batches = openLoader(
    dataset,
    { indices: train, batchSize, augment, seed },
    { epochs, threads: defaultThreads(options.environment.threads) },
  );
  const learner = createLearner(config, { seed });
  try {
    const restored = await restoreNewest(command, { learner, identity });
    let { state, best } = restored;
    let saved = state.step;
    let testing = false;
    const watch = startStopwatch();
    const perEpoch = Math.min(train.length, TRAIN_ACCURACY_IMAGES) + validation.length;
    const secondsLeft = (evaluated = 0) =>
      watch.secondsFor({
        steps: totalSteps - state.step,
        images: (epochs - state.epoch) * perEpoch + dataset.test.count - evaluated,
      });

    let told = { compiled: false, notes: 0 };
    const started = (): TrainerEvent => {
      told = { compiled: learner.compiled, notes: learner.notes.length };
      return {
        type: 'started',
        totalSteps,
        epochs,
        parameters: learner.parameters,
        datasetHash: dataset.hash,
        resumedFrom: restored.resumedFrom,
        compiled: learner.compiled,
        notes: [...(dataset.note ? [dataset.note] : []), ...restored.notes, ...learner.notes],
        environment: { ...options.environment, precision },
      };
    };
    const progress = (loss: number): TrainerEvent => ({
      type: 'progress',
      step: state.step,
      epoch: state.step / stepsPerEpoch,
      loss,
      samplesPerSecond: watch.samplesPerSecond(),
      secondsLeft: secondsLeft(),
    });
    const save = async (kind: CheckpointFile['kind']): Promise<CheckpointFile> => {
      const checkpoint = await watch.saving(() => saveCheckpoint(command, kind, { learner, identity, state }));
      saved = state.step;
      return checkpoint;
    };
    const over = (set: ImageSet, indices: Int32Array) => evaluationBatches(dataset, set, { indices, batchSize });

    try {
      if (state.step === totalSteps) yield started();
      for (let epoch = state.epoch; epoch < epochs; epoch++) {
        for (let number = state.step - epoch * stepsPerEpoch; number < stepsPerEpoch; number++) {
          await breathe(stop);
          const { step } = state;
          const batch = await watch.waiting(() => batches.batch(epoch, number));
          const { loss } = watch.step(batchSize, () =>
            learner.train(batch, { learningRate: learningRate(step, rates), step }),
          );
          if (!Number.isFinite(loss)) throw new Diverged(`the loss was ${loss} at step ${step}, in epoch ${epoch + 1}`);
          state = nextStep(state, loss, batchSize);
          if (watch.steps === 1) yield started();
          if (watch.progressDue()) yield progress(loss);
          if (watch.checkpointDue(options.checkpointSeconds) && number + 1 < stepsPerEpoch)
            yield { type: 'checkpoint', checkpoint: await save('last') };
        }

        const evaluating = (done: number): TrainerEvent => ({
          type: 'stage',
          stage: { name: 'evaluating', done, total: perEpoch },
          secondsLeft: secondsLeft(done),
        });
        const seen = train.subarray(0, TRAIN_ACCURACY_IMAGES);
        const trained = yield* measure(learner, over(dataset.train, seen), { watch, stop, report: evaluating });
        const held = yield* measure(learner, over(heldOut, validation), {
          ...{ watch, stop },
          report: (done) => evaluating(seen.length + done),
        });
        if (!Number.isFinite(held.loss))
          throw new Diverged(`the validation loss was ${held.loss} in epoch ${epoch + 1}`);
        // Only now is it known whether measuring, too, ran as asked.
        if (learner.compiled !== told.compiled || learner.notes.length !== told.notes) yield started();
        const loss = state.lossSum / state.samples;
        yield progress(loss);
        const figures = { trainAccuracy: trained.accuracy, valAccuracy: held.accuracy, valLoss: held.loss };
        yield {
          type: 'metrics',
          rows: epochMetrics(state, epoch + 1, {
            'train/loss': loss,
            'train/accuracy': figures.trainAccuracy,
            'val/loss': figures.valLoss,
            'val/accuracy': figures.valAccuracy,
            learningRate: learningRate(state.step - 1, rates),
            samplesPerSecond: watch.samplesPerSecond(),
          }),
        };

        state = { ...state, epoch: epoch + 1, lossSum: 0, samples: 0 };
        if (state.best === null || figures.valAccuracy > state.best.valAccuracy) {
          const found = { epoch: epoch + 1, step: state.step, ...figures };
          state = { ...state, best: { ...found, sha256: null } };
          best = await save('best');
          state = { ...state, best: { ...found, sha256: best.sha256 } };
          yield { type: 'checkpoint', checkpoint: best };
        }
        yield { type: 'checkpoint', checkpoint: await save('last') };
      }

      if (best === null || state.best === null) throw new Error('training ended without a best epoch');
      testing = true;
      await restoreBest(folder, best, { learner, identity });
      const test = yield* measure(learner, evaluationBatches(dataset, dataset.test, { batchSize }), {
        ...{ watch, stop },
        report: (done) => ({
          type: 'stage',
          stage: { name: 'testing', done, total: dataset.test.count },
          secondsLeft: secondsLeft(done),
        }),
      });
      const { trainAccuracy, valAccuracy, valLoss, epoch: bestEpoch } = state.best;
      const samplesPerSecond = watch.samplesPerSecond();
      const result = { trainAccuracy, valAccuracy, valLoss, bestEpoch, samplesPerSecond };
      yield { type: 'finished', result: { ...result, testAccuracy: test.accuracy, testLoss: test.loss } };
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      // While testing, the learner holds the best epoch's weights, and all was saved before.
      if (!testing && state.step > saved) yield { type: 'checkpoint', checkpoint: await save('last') };
      yield { type: 'failed', cause: error.why, message: `${error.message} at step ${state.step} of ${totalSteps}` };
    }
  } finally {
    learner.dispose();
    await batches.close();
  }
}

/** The data set; while it is downloaded or packed, or another process does so, yields every second how far that is. */
async function* opened(
  { dataset }: TrainCommand['config'],
  data: OpenOptions,
): AsyncGenerator<TrainerEvent, Dataset, void> {
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

const nextStep = (state: TrainingState, loss: number, count: number): TrainingState => ({
  ...state,
  step: state.step + 1,
  lossSum: state.lossSum + loss * count,
  samples: state.samples + count,
});

const epochMetrics = ({ step }: TrainingState, epoch: number, figures: Record<string, number>): Metric[] =>
  Object.entries(figures).map(([name, value]) => ({ name, step, epoch, value }));

/** Let messages in; the loop that TensorFlow blocks would hear of nothing. Throws when one of them said to stop. */
async function breathe(stop: AbortSignal): Promise<void> {
  await tick();
  stop.throwIfAborted();
}

/** Accuracy and mean cross-entropy over batches that are not augmented, in evaluation mode; `report`s about once a second how many images are done. */
async function* measure(
  learner: Learner,
  batches: Iterable<Batch>,
  { watch, stop, report }: { watch: Stopwatch; stop: AbortSignal; report: (done: number) => TrainerEvent },
): AsyncGenerator<TrainerEvent, { accuracy: number; loss: number }, void> {
  let [correct, lossSum, count] = [0, 0, 0];
  for (const batch of batches) {
    const sums = watch.evaluating(batch.count, () => learner.evaluate(batch));
    correct += sums.correct;
    lossSum += sums.lossSum;
    count += batch.count;
    await breathe(stop);
    if (watch.progressDue()) yield report(count);
  }
  return { accuracy: correct / count, loss: lossSum / count };
}
