/** Training of one run, from opening the data to the final figures. `fit` reads from top to bottom; its stages follow in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { augmentOps, type Stage, type TrainCommand, type TrainerEvent } from '@ablate/contracts';
import {
  batchesPerEpoch,
  type Dataset,
  defaultThreads,
  normalisedBy,
  type OpenOptions,
  openDataset,
  openLoader,
  split,
} from '@ablate/data';
import { restoreNewest } from './checkpoints.ts';
import { Diverged, Stopped } from './endings.ts';
import { evaluateEpoch, isEvaluated, passEpoch, testBest } from './evaluation.ts';
import { createLearner } from './learner.ts';
import { type Events, type FitOptions, progress, type Run, type Setup, save, started, yieldToMessages } from './run.ts';
import { learningRate } from './schedule.ts';
import { stopReason } from './stop-rules.ts';
import { startStopwatch } from './stopwatch.ts';

/** Interval between `stage` events while a data set is downloaded or packed. */
const STAGE_MS = 1000;

/** Most training images on which train accuracy is measured by default: the standard error is then ≤ √(¼ / 2000), 1.1 points. */
const TRAIN_ACCURACY_IMAGES = 2_000;

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

/** The best figures on validation so far; the last checkpoint is saved. The test set is not read. */
function reached({ state: { best, epoch } }: Run): TrainerEvent {
  if (best === null) throw new Error('training stopped without a best epoch');
  return { type: 'reached', epoch, valAccuracy: best.valAccuracy, valLoss: best.valLoss };
}

/** Save what is not saved yet, and report the stop. */
async function* stopEarly(run: Run, { reason, message }: Stopped): Events {
  const { state, savedStep, testing, totalSteps } = run;
  // While testing, the learner holds the best epoch's weights, and the newest are saved already.
  if (!testing && state.step > savedStep) yield { type: 'checkpoint', checkpoint: await save(run, 'last') };
  yield { type: 'failed', cause: reason, message: `${message} at step ${state.step} of ${totalSteps}` };
}
