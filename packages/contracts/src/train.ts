/** The `train` part of a spec: how a model is trained. */
import { z } from 'zod';
import { isRecord } from './record.ts';

const learningRate = z.number().positive().max(1000).describe('Peak learning rate');
const weightDecay = z.number().min(0).max(10).describe('Decay of weights with two or more dimensions');

export const Adamw = z.strictObject({
  name: z.literal('adamw').describe('AdamW: Adam with decoupled weight decay'),
  learningRate: learningRate.default(0.001),
  weightDecay: weightDecay.default(0.05),
  beta1: z.number().min(0).lt(1).default(0.9).describe('Decay of the mean of the gradients'),
  beta2: z.number().min(0).lt(1).default(0.999).describe('Decay of the mean of the squared gradients'),
  epsilon: z.number().positive().max(1).default(1e-8).describe('Added to the denominator'),
});
export const Sgd = z.strictObject({
  name: z.literal('sgd').describe('Stochastic gradient descent with momentum'),
  learningRate: learningRate.default(0.1),
  weightDecay: weightDecay.default(5e-4),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Decay of the accumulated gradients'),
  nesterov: z.boolean().default(false).describe('Use Nesterov momentum; needs a momentum above 0'),
});

/** AdamW unless named, as in `{ "learningRate": 0.01 }`. */
export const Optimizer = z.preprocess(
  (value) => (isRecord(value) && !Object.hasOwn(value, 'name') ? { ...value, name: 'adamw' } : value),
  z.discriminatedUnion('name', [Adamw, Sgd], { error: 'must name an optimizer: adamw or sgd' }),
);
export type Optimizer = z.infer<typeof Optimizer>;

export const Schedule = z.strictObject({
  name: z.enum(['cosine', 'constant']).default('cosine').describe('Shape of the learning rate after the warm-up'),
  warmupEpochs: z.number().min(0).max(1000).default(0).describe('Epochs of linear warm-up; less than epochs'),
});
export type Schedule = z.infer<typeof Schedule>;

export const Precision = z.enum(['fp32', 'bf16']);
export type Precision = z.infer<typeof Precision>;

/** Fields without a default: a config that does not choose has the hash that it had before there was a choice. */
const Evaluate = z.strictObject({
  with: z
    .enum(['plain', 'augmented'])
    .default('plain')
    .describe(
      'Images on which train accuracy is measured. plain: as validation and test; augmented: through the augmentation, a common mistake, to measure what it does. Never changes validation, test or training',
    ),
  everyEpochs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'Epochs between two evaluations; the last epoch is always evaluated. The best epoch is chosen among those that are. Default: 1',
    ),
  trainImages: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe(
      'Most training images on which train accuracy is measured: a stratified choice, the same for all configs of the data set. Its standard error is 1.1 points at most for 2000 images, 0.5 at an accuracy of 95 %: enough to see a fit or a gap, and no comparison is made on it. Default: 2000',
    ),
});

/** As `Evaluate`, without a default. */
const StopRules = z
  .strictObject({
    target: z.number().gt(0).max(1).optional().describe('Validation accuracy with which training ends'),
    plateau: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Epochs without a better validation accuracy after which training ends'),
    deadline: z
      .number()
      .positive()
      .max(31_536_000)
      .optional()
      .describe(
        'Device seconds of all attempts after which training ends with the epoch. How far a run comes then depends on the machine: a note says so',
      ),
  })
  .refine((rules) => Object.values(rules).some((rule) => rule !== undefined), 'give target, plateau or deadline');
export type StopRules = z.infer<typeof StopRules>;

export const Train = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(10).describe('Passes over the training images'),
  batchSize: z
    .int()
    .min(1)
    .max(65_536)
    .default(128)
    .describe('Images of a step; at most the number of training images'),
  optimizer: Optimizer.prefault({ name: 'adamw' }).describe('Optimizer and its parameters; adamw unless named'),
  schedule: Schedule.prefault({}).describe('Learning-rate schedule'),
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('Share of the label spread over all classes'),
  clipNorm: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Maximum global gradient norm; null for no clipping'),
  ema: z
    .number()
    .min(0.5)
    .lt(1)
    .nullable()
    .default(null)
    .describe('Decay of the moving average of the weights; null for none'),
  precision: Precision.default('fp32').describe('Precision of matrix products and convolutions'),
  evaluate: Evaluate.optional().describe('When and how a run is evaluated while it trains'),
  stop: StopRules.optional().describe(
    'What ends a training before its last epoch; the best epoch is tested as ever. The schedule of the learning rate stays that of all epochs. A search applies it once a run has passed its rungs',
  ),
});
export type Train = z.infer<typeof Train>;
