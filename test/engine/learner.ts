/** Small networks with an optimiser, as programs, for the engine's tests. */
import { type Model, type Optimizer, resolveModel, type Train } from '@ablate/contracts';
import { createOptimizer, crossEntropy, type InputValue, openProgram, type Program, tf } from '@ablate/engine';
import { buildModel } from '@ablate/models';
import { trainingStep } from '@ablate/training';

const BATCH = 8;
const SIZE = 8;
const CLASSES = 5;

const everywhere = { position: 0.1, attention: 0.1, projection: 0.1, mlp: 0.1, path: 0.2 };
const common = { imageSize: SIZE, classes: CLASSES };
/** One small model of each family, with dropout where the family has it. */
export const MODELS: Record<'vit' | 'resnet' | 'crossvit', object> = {
  vit: { family: 'vit', ...common, patchSize: 4, width: 16, depth: 2, heads: 2, dropout: everywhere },
  resnet: { family: 'resnet', ...common, depths: [1, 1], widths: [8, 16] },
  crossvit: {
    family: 'crossvit',
    ...common,
    small: { patchSize: 2, width: 8, depth: 1, heads: 2 },
    large: { patchSize: 4, width: 16, depth: 1, heads: 2 },
    stages: 1,
    dropout: everywhere,
  },
};
// AdamW's epsilon is large: the gradient of a key's bias is 0 but for rounding, and must not be scaled up to a step.
export const OPTIMIZERS: Record<'adamw' | 'sgd' | 'nesterov' | 'descent', Optimizer> = {
  adamw: { name: 'adamw', learningRate: 0.002, weightDecay: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-5 },
  sgd: { name: 'sgd', learningRate: 0.02, weightDecay: 5e-4, momentum: 0.9, nesterov: false },
  nesterov: { name: 'sgd', learningRate: 0.02, weightDecay: 5e-4, momentum: 0.9, nesterov: true },
  descent: { name: 'sgd', learningRate: 0.05, weightDecay: 0, momentum: 0, nesterov: false },
};

const modelOf = (raw: object): Model => {
  const resolved = resolveModel(raw);
  if (!('model' in resolved)) throw new Error(JSON.stringify(resolved.complaints));
  return resolved.model;
};

/** A batch that depends on the step alone. */
function batch(step: number, size = BATCH): Record<string, InputValue> {
  const images = Float32Array.from({ length: size * SIZE * SIZE * 3 }, (_, i) => Math.sin(i * 0.37 + (step % 4) * 1.7));
  const labels = Int32Array.from({ length: size }, (_, i) => (i * 3 + (step % 4)) % CLASSES);
  return {
    images: { shape: [size, SIZE, SIZE, 3], dtype: 'float32', data: images },
    labels: { shape: [size], dtype: 'int32', data: labels },
  };
}

const scalar = (dtype: 'float32' | 'int32', value: number): InputValue => ({
  shape: [],
  dtype,
  data: dtype === 'int32' ? Int32Array.of(value) : Float32Array.of(value),
});

export type Trained = Program & {
  /** One step on the batch of its number; returns the loss. */
  train(step: number, size?: number): number;
  evaluate(): { loss: number; averaged: number };
};

/** A model, an optimiser with clipping and averaging, and the program of both. */
export function openLearner(
  model: keyof typeof MODELS,
  optimizer: keyof typeof OPTIMIZERS,
  { compiled = true, precision = 'fp32' }: { compiled?: boolean; precision?: Train['precision'] } = {},
): Trained {
  const network = buildModel(modelOf(MODELS[model]), { seed: 1 });
  const rule = createOptimizer(OPTIMIZERS[optimizer], network.parameters, {
    clipNorm: 1,
    ema: 0.9,
    buffers: network.buffers,
  });
  const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
  const program = openProgram({
    variables: new Map([...network.parameters, ...network.buffers, ...rule.slots]),
    precision,
    compiled,
    functions: {
      train: trainingStep(network, rule, 0.1),
      evaluate({ images, labels }) {
        if (!images || !labels) throw new Error('an input is missing');
        const loss = () => tf.mean(crossEntropy(network.forward(images, { training: false, random }), labels));
        return { loss: loss(), averaged: rule.average ? rule.average.during(loss) : loss() };
      },
    },
  });
  const { learningRate } = OPTIMIZERS[optimizer];
  return {
    ...program,
    get compiled() {
      return program.compiled;
    },
    train(step, size) {
      const inputs = {
        ...batch(step, size),
        learningRate: scalar('float32', learningRate),
        seed: scalar('int32', 11),
        step: scalar('int32', step),
      };
      return program.run('train', inputs).loss?.[0] ?? Number.NaN;
    },
    evaluate() {
      const { loss, averaged } = program.run('evaluate', batch(0));
      return { loss: loss?.[0] ?? Number.NaN, averaged: averaged?.[0] ?? Number.NaN };
    },
    dispose() {
      program.dispose();
      rule.dispose();
      network.dispose();
      random.seed.dispose();
      random.step.dispose();
    },
  };
}
