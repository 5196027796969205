/** The measured models and optimizers, and the task of every engine's process. */
import { Model, Optimizer, Precision, resolveModel } from '@ablate/contracts';
import { z } from 'zod';

/** One training task, passed to a process as JSON. The same for Node and Python. */
export const Task = z.strictObject({
  model: Model,
  optimizer: Optimizer,
  batchSize: z.int().min(1),
  precision: Precision,
  threads: z.int().min(1),
  /** Evaluates batches instead of training on them. */
  evaluate: z.boolean().default(false),
});
export type Task = z.infer<typeof Task>;

const model = (raw: Record<string, unknown>): Model => {
  const resolved = resolveModel({ imageSize: 32, classes: 10, ...raw });
  if ('complaints' in resolved) throw new Error(resolved.complaints.map((c) => c.message).join('; '));
  return resolved.model;
};
const adamw = Optimizer.parse({ name: 'adamw' });
const sgd = Optimizer.parse({ name: 'sgd' });

type Workload = {
  title: string;
  model: Model;
  optimizer: Optimizer;
  /** Rough duration of one step of PyTorch in fp32 on one core, to estimate the time of a bench. */
  stepSeconds: number;
};

/** The four models of the table, all 32×32×3 into 10 classes. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  'vit-l6': {
    title: 'ViT p4 d192 L6 h3',
    model: model({ family: 'vit', patchSize: 4, width: 192, depth: 6, heads: 3 }),
    optimizer: adamw,
    stepSeconds: 1.4,
  },
  'vit-l12': {
    title: 'ViT p4 d192 L12 h3',
    model: model({ family: 'vit', patchSize: 4, width: 192, depth: 12, heads: 3 }),
    optimizer: adamw,
    stepSeconds: 2.8,
  },
  resnet20: { title: 'ResNet-20', model: model({ preset: 'resnet20' }), optimizer: sgd, stepSeconds: 0.35 },
  resnet18: {
    title: 'ResNet-18, CIFAR stem',
    model: model({ preset: 'resnet18', imageSize: 32, classes: 10, stem: 'cifar' }),
    optimizer: sgd,
    stepSeconds: 3.5,
  },
};

/** Number of distinct batches, used in rotation. */
export const BATCHES = 4;

/** Images of one batch, with mean 0 and variance 1, from a small generator: their content does not affect the speed. */
export function fillImages(batch: number, images: Float32Array): Float32Array {
  let state = (0x9e3779b9 ^ Math.imul(batch + 1, 0x85ebca6b)) >>> 0;
  for (let i = 0; i < images.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    images[i] = (state / 2 ** 32 - 0.5) * Math.sqrt(12);
  }
  return images;
}

/** Labels of one batch: every class, in turn. */
export const labelsOf = (batch: number, batchSize: number, classes: number): Int32Array =>
  Int32Array.from({ length: batchSize }, (_, i) => (i + batch) % classes);
