/** Model, optimiser and compiled program as one learner. Its state is all that an exact resume needs. */
import { augmentOps, type Config, canonicalJson, mixOps } from '@ablate/contracts';
import type { Batch } from '@ablate/data';
import { createOptimizer, crossEntropy, type Optimizer, openProgram, type StepFunction, tf } from '@ablate/engine';
import { buildModel, type Float, type Inside, lookInside, type Network, type TensorData } from '@ablate/models';

export type LearnerState = Map<string, TensorData>;

export type Learner = {
  /** Number of trained values. */
  readonly parameters: number;
  readonly compiled: boolean;
  /** What did not run as requested, such as an op that was not compiled. */
  readonly notes: readonly string[];
  /**
   * One optimiser step. The loss is the mean over the batch, with the config's label smoothing, against `targets` if the
   * config mixes images. Random masks are counted from `step`.
   */
  train(batch: Batch, at: { learningRate: number; step: number }): { loss: number; gradientNorm: number };
  /** Most images of a batch of `evaluate`. */
  readonly evaluationBatch: number;
  /**
   * Sums over a batch in evaluation mode: cross-entropy, and correct predictions; and the logits (B, K), of which the first `batch.count` rows
   * count.
   */
  evaluate(batch: Batch): { lossSum: number; correct: number; logits: ArrayLike<number> };
  /** What the network looks at on normalised images (N, S, S, 3), with the weights that `evaluate` uses. Only after `restore`, before `train`. */
  look(images: Float): Inside;
  /** Copies of parameters and running statistics by the reference's names, and of optimiser slots with the prefix `optimizer.`. */
  state(): LearnerState;
  /** Throws, and changes nothing, if a tensor is missing or has a different shape. */
  restore(state: LearnerState): void;
  dispose(): void;
};

// Without a backward pass, larger batches are slower: their maps leave the caches. Smaller ones wait for JavaScript.
const [FEWEST, MOST] = [32, 128];

const SLOT = 'optimizer.';
/** Position tables and class tokens: decay would pull positions together (timm, DeiT). */
const NEVER_DECAYS = /(^|\.)(cls_token(_\d+)?|dist_token|pos_embed(_\w+)?)(\.|$)/;

/** Which parameters weight decay touches: matrices and kernels, not biases, gains, positions or class tokens. */
export const decays = (name: string, shape: readonly number[]): boolean => shape.length > 1 && !NEVER_DECAYS.test(name);

const correctPredictions = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'float32');

const only = (values: ArrayLike<number> | undefined, name: string): number => {
  const value = values?.[0];
  if (value === undefined) throw new Error(`the step returned no ${name}`);
  return value;
};

/**
 * One optimiser step over inputs `images` (B, S, S, 3), `labels` (B) or (B, K), `learningRate`, `seed` and `step`, as a program's
 * function. It returns the mean loss and the global norm of the gradients.
 */
export const trainingStep =
  ({ parameters, forward }: Network, optimizer: Optimizer, labelSmoothing: number): StepFunction =>
  ({ images, labels, learningRate, seed, step }) => {
    if (!images || !labels || !learningRate || !seed || !step) throw new Error('a training step needs all its inputs');
    const { value, grads } = tf.variableGrads(() => {
      const logits = forward(images, { training: true, random: { seed, step } });
      return tf.mean(crossEntropy(logits, labels, labelSmoothing)).asScalar();
    }, [...parameters.values()]);
    const gradients = new Map(
      [...parameters].flatMap(([name, variable]): [string, tf.Tensor][] => {
        const gradient = grads[variable.name];
        return gradient ? [[name, gradient]] : [];
      }),
    );
    return { loss: value, gradientNorm: optimizer.apply(gradients, learningRate).gradientNorm };
  };

/** What a config's graphs depend on, as text: not its data, its seed, its learning rate, or how long it trains. */
const recordedPart = ({ model, train, augment }: Omit<Config, 'dataset'>): string => {
  const { batchSize, optimizer, labelSmoothing, clipNorm, ema, precision } = train;
  const { learningRate: _, ...rule } = optimizer;
  const mixed = mixOps(augmentOps(augment)).length > 0;
  return canonicalJson({ model, batchSize, rule, labelSmoothing, clipNorm, ema, precision, mixed });
};

/** Build a learner for a config. It owns all tensors until `dispose`. */
export function createLearner({ model, train, augment }: Config, { seed }: { seed: number }): Learner {
  if (model.family === 'clip') throw new Error('clip has no classifier to train');
  const network = buildModel(model, { seed });
  const optimizer = createOptimizer(train.optimizer, network.parameters, {
    decay: decays,
    clipNorm: train.clipNorm,
    ema: train.ema,
    buffers: network.buffers,
  });
  const slots = [...optimizer.slots].map(([name, variable]): [string, tf.Variable] => [SLOT + name, variable]);
  const variables = new Map([...network.parameters, ...network.buffers, ...slots]);

  const evaluateStep = ({ images, labels, weights }: Record<string, tf.Tensor>) => {
    if (!images || !labels || !weights) throw new Error('an evaluation step needs all its inputs');
    const unused = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
    const measure = () => {
      const logits = network.forward(images, { training: false, random: unused });
      const losses = crossEntropy(logits, labels);
      // Not a product: 0 × NaN is NaN, and the loss of padding may be NaN.
      const counted = tf.where(tf.greater(weights, 0), losses, tf.zerosLike(losses));
      const correct = tf.sum(tf.mul(correctPredictions(logits, labels), weights));
      return { lossSum: tf.sum(counted), correct, logits };
    };
    return optimizer.average ? optimizer.average.during(measure) : measure();
  };

  const program = openProgram({
    variables,
    precision: train.precision,
    shared: recordedPart({ model, train, augment }),
    functions: { train: trainingStep(network, optimizer, train.labelSmoothing), evaluate: evaluateStep },
  });

  const { batchSize } = train;
  const mixed = mixOps(augmentOps(augment)).length > 0;
  const side = model.imageSize;
  const imageShape = [batchSize, side, side, 3];
  const evaluationBatch = Math.min(MOST, Math.max(FEWEST, batchSize));
  const padded = {
    images: new Float32Array(evaluationBatch * side * side * 3),
    labels: new Int32Array(evaluationBatch),
    weights: new Float32Array(evaluationBatch),
  };

  return {
    parameters: [...network.parameters.values()].reduce((sum, { size }) => sum + size, 0),
    get compiled() {
      return program.compiled;
    },
    get notes() {
      return program.notes;
    },
    train(batch, { learningRate, step }) {
      if (mixed !== (batch.targets !== undefined))
        throw new Error('batch.targets: needed exactly if the config mixes images');
      const results = program.run('train', {
        images: { shape: imageShape, dtype: 'float32', data: batch.images },
        labels: batch.targets
          ? { shape: [batchSize, model.classes], dtype: 'float32', data: batch.targets }
          : { shape: [batchSize], dtype: 'int32', data: batch.labels },
        learningRate: { shape: [], dtype: 'float32', data: Float32Array.of(learningRate) },
        seed: { shape: [], dtype: 'int32', data: Int32Array.of(seed) },
        step: { shape: [], dtype: 'int32', data: Int32Array.of(step) },
      });
      return { loss: only(results.loss, 'loss'), gradientNorm: only(results.gradientNorm, 'gradient norm') };
    },
    evaluationBatch,
    evaluate({ images, labels, count }) {
      // One shape for all batches: the last is padded, and padding has weight 0.
      padded.images.set(images);
      padded.images.fill(0, images.length);
      padded.labels.set(labels);
      padded.labels.fill(0, count);
      padded.weights.fill(1, 0, count).fill(0, count);
      const results = program.run('evaluate', {
        images: { shape: [evaluationBatch, side, side, 3], dtype: 'float32', data: padded.images },
        labels: { shape: [evaluationBatch], dtype: 'int32', data: padded.labels },
        weights: { shape: [evaluationBatch], dtype: 'float32', data: padded.weights },
      });
      const { logits = [] } = results;
      return { lossSum: only(results.lossSum, 'loss'), correct: only(results.correct, 'count'), logits };
    },
    look: (images) => {
      const look = () => lookInside(network, images, { batch: batchSize });
      return optimizer.average ? optimizer.average.during(look) : look();
    },
    state: () => {
      const copies: LearnerState = new Map();
      for (const [name, { dtype, shape, data }] of program.read()) {
        if (dtype === 'F32' && data instanceof Float32Array) copies.set(name, { dtype, shape, data });
        else if (dtype === 'I32' && data instanceof Int32Array) copies.set(name, { dtype, shape, data });
        else throw new Error(`variable "${name}" cannot be saved: dtype ${dtype}`);
      }
      return copies;
    },
    restore: (state) => {
      const missing = [...variables.keys()].filter((name) => !state.has(name));
      if (missing.length > 0) throw new Error(`${missing.length} tensors are missing, such as "${missing[0]}"`);
      const values = [...state].map(([name, { dtype, shape, data }]) => {
        if (dtype === 'F32' || dtype === 'I32') return [name, { dtype, shape, data }] as const;
        throw new Error(`tensor "${name}" has dtype ${dtype}; expected F32 or I32`);
      });
      program.write(new Map(values));
    },
    dispose: () => {
      program.dispose();
      optimizer.dispose();
      network.dispose();
    },
  };
}
