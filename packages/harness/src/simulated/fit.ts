/** Simulated training: the events of `fit` in the same order, with real checkpoint files; the steps only wait. */
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises';
import type { CheckpointFile, Config, Metric, RunResult, TrainCommand, TrainerEvent } from '@ablate/contracts';
import { restoreBest, restoreNewest, saveCheckpoint } from '@ablate/training/checkpoints';
import { Stopped } from '@ablate/training/endings';
import { startStopwatch } from '@ablate/training/stopwatch';
import { createSimulatedLearner, type SimulatedLearner, stepsOf } from './learner.ts';
import { POISON_STEP, type Poison, poisons } from './poison.ts';

const SIMULATED_DATA = 'simulated';

export type SimulatedOptions = {
  /** Seconds of a whole run. */
  seconds: number;
  /** Whether checkpoints are written: after each epoch, and every `checkpointSeconds` within one. */
  checkpoints: boolean;
  checkpointSeconds: number;
  /** Size of a checkpoint in KiB, beside its weights. */
  kib: number;
  /** Seeds of the runs that fail, and how. */
  poison: ReadonlyMap<number, Poison>;
  stop: AbortSignal;
};

type Best = Omit<RunResult, 'testAccuracy' | 'testLoss' | 'samplesPerSecond'>;

/** Results of an epoch: as metrics, and as a candidate for the best epoch. */
function epochFigures(learner: SimulatedLearner, epoch: number, trainLoss: number) {
  const [train, val] = [learner.evaluate('train'), learner.evaluate('val')];
  const best: Best = { valAccuracy: val.accuracy, valLoss: val.loss, trainAccuracy: train.accuracy, bestEpoch: epoch };
  const metrics = {
    'train/loss': trainLoss,
    'train/accuracy': train.accuracy,
    'val/loss': val.loss,
    'val/accuracy': val.accuracy,
  };
  return { best, metrics };
}

/** Simulate one run; yields the same events as `fit` of `@ablate/training`. */
export async function* simulate(
  command: TrainCommand,
  { seconds, checkpoints, checkpointSeconds, kib, poison, stop }: SimulatedOptions,
): AsyncGenerator<TrainerEvent, void, void> {
  const { config, seed, folder } = command;
  const { epochs, batchSize, optimizer } = config.train;
  const { stepsPerEpoch, totalSteps } = stepsOf(config);
  const until = Math.min(epochs, command.until ?? epochs);
  const learner = createSimulatedLearner(config, seed, { kib });
  const identity = { config, seed, datasetHash: SIMULATED_DATA };
  const restored = await restoreNewest(command, { learner, identity });
  let { state, best } = restored;
  let saved = state.step;
  const watch = startStopwatch();
  const [begun, from] = [performance.now(), state.step];

  const started = (): TrainerEvent => ({
    type: 'started',
    totalSteps,
    epochs,
    parameters: 16,
    datasetHash: SIMULATED_DATA,
    resumedFrom: restored.resumedFrom,
    compiled: false,
    notes: ['simulated: nothing was trained', ...restored.notes],
    environment: {
      code: 'simulated',
      lockfile: 'simulated',
      node: process.version,
      tensorflow: 'none',
      device: 'simulated',
      instructionSets: [],
      oneDnn: false,
      precision: config.train.precision,
      threads: 1,
    },
  });
  const progress = (loss: number): TrainerEvent => ({
    type: 'progress',
    step: state.step,
    epoch: state.step / stepsPerEpoch,
    loss,
    samplesPerSecond: watch.samplesPerSecond(),
    secondsLeft: ((totalSteps - state.step) / totalSteps) * seconds,
  });
  const save = async (kind: CheckpointFile['kind']): Promise<CheckpointFile> => {
    const file = await watch.saving(() =>
      saveCheckpoint(command, kind, { learner, identity, state, preprocessing: null }),
    );
    saved = state.step;
    return file;
  };
  /** Wait until the next step is due; messages are received meanwhile. */
  const untilDue = async (): Promise<void> => {
    const due = begun + ((state.step + 1 - from) * seconds * 1000) / totalSteps;
    const left = due - performance.now();
    await (left > 1 ? sleep(left) : tick());
    stop.throwIfAborted();
  };

  try {
    if (state.epoch >= until) yield started();
    for (let epoch = state.epoch; epoch < until; epoch++) {
      while (state.step < (epoch + 1) * stepsPerEpoch) {
        await untilDue();
        const way = poison.get(seed);
        if (way !== undefined && state.step === POISON_STEP) await poisons[way]();
        const { step } = state;
        const loss = watch.step(batchSize, () => learner.train(step));
        state = {
          ...state,
          step: step + 1,
          lossSum: state.lossSum + loss * batchSize,
          samples: state.samples + batchSize,
        };
        if (watch.steps === 1) yield started();
        if (watch.progressDue()) yield progress(loss);
        if (checkpoints && watch.checkpointDue(checkpointSeconds) && state.step < (epoch + 1) * stepsPerEpoch)
          yield { type: 'checkpoint', checkpoint: await save('last') };
      }
      const { step } = state;
      const found = epochFigures(learner, epoch + 1, state.lossSum / state.samples);
      const metrics = {
        ...found.metrics,
        learningRate: optimizer.learningRate,
        samplesPerSecond: watch.samplesPerSecond(),
      };
      yield { type: 'metrics', rows: rowsOf(metrics, step, epoch + 1) };
      state = { ...state, epoch: epoch + 1, lossSum: 0, samples: 0 };
      if (state.best === null || found.best.valAccuracy > state.best.valAccuracy) {
        const { bestEpoch, ...figures } = found.best;
        state = { ...state, best: { epoch: bestEpoch, step, ...figures, sha256: null } };
        if (checkpoints) {
          best = await save('best');
          state = { ...state, best: { epoch: bestEpoch, step, ...figures, sha256: best.sha256 } };
          yield { type: 'checkpoint', checkpoint: best };
        }
      }
      if (checkpoints) yield { type: 'checkpoint', checkpoint: await save('last') };
    }
    if (state.best === null) throw new Error('training ended without a best epoch');
    if (until < epochs) {
      yield { type: 'reached', epoch: state.epoch, valAccuracy: state.best.valAccuracy, valLoss: state.best.valLoss };
      return;
    }
    if (best !== null) await restoreBest(folder, best, { learner, identity });
    const { accuracy: testAccuracy, loss: testLoss } = learner.evaluate('test');
    const { epoch: bestEpoch, trainAccuracy, valAccuracy, valLoss } = state.best;
    const samplesPerSecond = watch.samplesPerSecond();
    const figures = { trainAccuracy, valAccuracy, valLoss, bestEpoch, samplesPerSecond };
    yield { type: 'finished', result: { ...figures, testAccuracy, testLoss } };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    if (checkpoints && state.step > saved) yield { type: 'checkpoint', checkpoint: await save('last') };
    yield { type: 'failed', cause: error.reason, message: `${error.message} at step ${state.step} of ${totalSteps}` };
  }
}

const rowsOf = (figures: Record<string, number>, step: number, epoch: number): Metric[] =>
  Object.entries(figures).map(([name, value]) => ({ name, step, epoch, value }));

/** Metrics by `name step` and the result of an undisturbed run, computed in this process without files. */
export function undisturbed(
  config: Config,
  seed: number,
): { metrics: Map<string, number>; result: Omit<RunResult, 'samplesPerSecond'> } {
  const { epochs, batchSize, optimizer } = config.train;
  const { stepsPerEpoch } = stepsOf(config);
  const learner = createSimulatedLearner(config, seed);
  const metrics = new Map<string, number>();
  let result: Omit<RunResult, 'samplesPerSecond'> | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let lossSum = 0;
    for (let step = (epoch - 1) * stepsPerEpoch; step < epoch * stepsPerEpoch; step++)
      lossSum += learner.train(step) * batchSize;
    const { best, metrics: figures } = epochFigures(learner, epoch, lossSum / (stepsPerEpoch * batchSize));
    for (const [name, value] of Object.entries({ ...figures, learningRate: optimizer.learningRate }))
      metrics.set(`${name} ${epoch * stepsPerEpoch}`, value);
    const test = learner.evaluate('test');
    if (result === undefined || best.valAccuracy > result.valAccuracy)
      result = { ...best, testAccuracy: test.accuracy, testLoss: test.loss };
  }
  if (result === undefined) throw new Error('a run has at least one epoch');
  return { metrics, result };
}
