/**
 * The network of a simulated trainer: a few weights with noise that is counted from (seed, config, step). Each step depends
 * on the one before, so a step that is lost, repeated or started from the wrong state changes all that follow.
 */
import { type Config, canonicalHash } from '@ablate/contracts';
import type { TensorData } from '@ablate/models/safetensors';
import { countedRandom, randomKey } from '@ablate/random';

const SIZE = 16;
const MOMENTUM = 0.9;
const DECAY = 0.99;
const RATE = 0.05;
/** Makes accuracies rise, as in training. */
const DRIFT = 0.1;

/** Results of one pass over training, validation or test data. */
type Figures = { accuracy: number; loss: number };

export type SimulatedLearner = {
  /** Take step number `step`; returns its loss. */
  train(step: number): number;
  evaluate(set: 'train' | 'val' | 'test'): Figures;
  state(): Map<string, TensorData>;
  restore(state: ReadonlyMap<string, TensorData>): void;
};

/** Steps of a run: as many as real training takes. */
export function stepsOf({ dataset, train }: Config): { stepsPerEpoch: number; totalSteps: number } {
  const samples = Math.round((dataset.samples ?? 1_000) * (1 - dataset.validation));
  const stepsPerEpoch = Math.max(1, Math.floor(samples / train.batchSize));
  return { stepsPerEpoch, totalSteps: stepsPerEpoch * train.epochs };
}

/** @param kib size of a checkpoint in KiB, beside its weights */
export function createSimulatedLearner(config: Config, seed: number, { kib = 0 } = {}): SimulatedLearner {
  const key = randomKey(seed, `simulated ${canonicalHash(config)}`);
  const weights = new Float32Array(SIZE);
  const momentum = new Float32Array(SIZE);
  const first = countedRandom(key, [0, 1]);
  for (let i = 0; i < SIZE; i++) weights[i] = 0.1 * first.normal() - 2;

  const mean = (value: (weight: number) => number): number => weights.reduce((sum, w) => sum + value(w), 0) / SIZE;
  const slots = { weights, 'optimizer.momentum': momentum };

  return {
    train: (step) => {
      const noise = countedRandom(key, [step, 0]);
      for (let i = 0; i < SIZE; i++) {
        momentum[i] = MOMENTUM * momentum[i]! + noise.normal() + DRIFT;
        weights[i] = DECAY * weights[i]! + RATE * momentum[i]!;
      }
      return mean((w) => Math.log1p(Math.exp(-w)));
    },
    evaluate: (set) => {
      const shift = { train: 0.2, val: 0, test: -0.1 }[set];
      return {
        accuracy: mean((w) => 1 / (1 + Math.exp(-w - shift))),
        loss: mean((w) => Math.log1p(Math.exp(-w - shift))),
      };
    },
    state: () =>
      new Map<string, TensorData>([
        ...Object.entries(slots).map(([name, data]): [string, TensorData] => [
          name,
          { dtype: 'F32', shape: [SIZE], data: data.slice() },
        ]),
        ['ballast', { dtype: 'U8', shape: [kib * 1024], data: new Uint8Array(kib * 1024).fill(seed % 256) }],
      ]),
    restore: (state) => {
      for (const [name, data] of Object.entries(slots)) {
        const saved = state.get(name);
        if (saved?.dtype !== 'F32' || saved.data.length !== SIZE)
          throw new Error(`${name}: not from a simulated learner`);
        data.set(saved.data);
      }
    },
  };
}
