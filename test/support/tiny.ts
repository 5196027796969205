/** The smallest training with every part: a ViT with dropout, AdamW, augmentation, on 320 generated images. */
import { join } from 'node:path';
import { type Config, resolveConfig, type TrainCommand } from '@ablate/contracts';
import { TEST_HOME } from '@ablate/harness/environment';

export const data = { folders: [], cache: join(TEST_HOME, 'cache') };

/** Steps of one epoch: 288 training images, 32 each. */
export const STEPS_PER_EPOCH = 9;

const raw = (train: Record<string, unknown>, samples: number) => ({
  dataset: { name: 'shapes10', samples },
  model: {
    family: 'vit',
    patchSize: 8,
    width: 24,
    depth: 2,
    heads: 2,
    mlpRatio: 2,
    dropout: { position: 0.1, mlp: 0.1, path: 0.1 },
  },
  train: { epochs: 2, batchSize: 32, labelSmoothing: 0.1, schedule: { warmupEpochs: 0.5 }, ...train },
  augment: 'basic',
});

export function tinyConfig(train: Record<string, unknown> = {}, samples = 320): Config {
  const resolved = resolveConfig(raw(train, samples));
  if ('complaints' in resolved) throw new Error(JSON.stringify(resolved.complaints));
  return resolved.config;
}

export const tinyCommand = (folder: string, more: Partial<TrainCommand> = {}): TrainCommand => ({
  type: 'train',
  runId: '7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11',
  attempt: 1,
  config: tinyConfig(),
  seed: 3,
  folder,
  resume: [],
  ...more,
});
