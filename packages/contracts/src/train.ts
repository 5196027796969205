/** The `train` part of a spec: how a model is optimised. */
import { z } from 'zod';

const learningRate = z.number().positive().max(1000);
const weightDecay = z.number().min(0).max(10).describe('Applied to weights of two or more dimensions only');

export const Adamw = z.strictObject({
  name: z.literal('adamw'),
  learningRate: learningRate.default(0.001),
  weightDecay: weightDecay.default(0.05),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().max(1).default(1e-8),
});
export const Sgd = z.strictObject({
  name: z.literal('sgd'),
  learningRate: learningRate.default(0.1),
  weightDecay: weightDecay.default(5e-4),
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z.boolean().default(false),
});

const isUnnamed = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, 'name');

/** AdamW where none is named, as in `{ "learningRate": 0.01 }`. */
export const Optimizer = z.preprocess(
  (value) => (isUnnamed(value) ? { ...value, name: 'adamw' } : value),
  z.discriminatedUnion('name', [Adamw, Sgd], { error: 'must name an optimizer: adamw or sgd' }),
);
export type Optimizer = z.infer<typeof Optimizer>;

export const Schedule = z.strictObject({
  name: z.enum(['cosine', 'constant']).default('cosine'),
  warmupEpochs: z.number().min(0).max(1000).default(0),
});
export type Schedule = z.infer<typeof Schedule>;

export const Precision = z.enum(['fp32', 'bf16']);
export type Precision = z.infer<typeof Precision>;

export const Train = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(10),
  batchSize: z.int().min(1).max(65_536).default(128),
  optimizer: Optimizer.prefault({ name: 'adamw' }),
  schedule: Schedule.prefault({}),
  labelSmoothing: z.number().min(0).lt(1).default(0),
  clipNorm: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Largest global gradient norm, or null for no clipping'),
  ema: z
    .number()
    .min(0.5)
    .lt(1)
    .nullable()
    .default(null)
    .describe('Decay of the moving average of the weights, or null for none'),
  precision: Precision.default('fp32'),
});
export type Train = z.infer<typeof Train>;
