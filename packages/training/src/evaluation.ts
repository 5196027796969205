/** Evaluation: after an epoch on training and validation images, at the end on the test set. */
import { augmentOps, type Metric, type TrainCommand, type TrainerEvent } from '@ablate/contracts';
import { type Batch, evaluationBatches, type ImageSet } from '@ablate/data';
import { restoreBest } from './checkpoints.ts';
import { Diverged } from './endings.ts';
import { writeInside } from './inside.ts';
import { collectPredictions, type Predictions, writePredictions } from './predictions.ts';
import {
  type Events,
  imagesPerEvaluation,
  measuresAugmented,
  progress,
  type Run,
  save,
  secondsLeft,
  started,
  yieldToMessages,
} from './run.ts';
import { learningRate } from './schedule.ts';
import type { TrainingState } from './training-state.ts';

/** Measure train and validation accuracy after an epoch, and save the last checkpoint and, if it is the best so far, the best. */
export async function* evaluateEpoch(run: Run, epoch: number): Events {
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
export async function* passEpoch(run: Run, epoch: number): Events {
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

/** Measure the best epoch's weights on the test set, once. */
export async function* testBest(run: Run): Events {
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

/** Whether an epoch, counted from 0, ends with an evaluation. */
export const isEvaluated = ({ train: { epochs, evaluate } }: TrainCommand['config'], epoch: number): boolean =>
  (epoch + 1) % (evaluate?.everyEpochs ?? 1) === 0 || epoch + 1 === epochs;

const epochMetrics = ({ step }: TrainingState, epoch: number, figures: Record<string, number>): Metric[] =>
  Object.entries(figures).map(([name, value]) => ({ name, step, epoch, value }));
