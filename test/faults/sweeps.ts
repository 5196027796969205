/** Sweeps that are disturbed: tiny ones, of which it is known what becomes of them when nothing disturbs them. */
import { type Config, resolveConfig } from '@ablate/contracts';

type Asked = { configs?: number; seeds?: number; name?: string; epochs?: number; firstSeed?: number; running?: number };

/** A spec of `configs` × `seeds` runs of 4 epochs of 9 steps. */
export const spec = ({
  configs = 2,
  seeds = 4,
  name = 'disturbed',
  epochs = 4,
  firstSeed = 1,
  running,
}: Asked = {}) => ({
  version: 1,
  name,
  ...(running !== undefined && { limits: { running } }),
  dataset: { name: 'shapes10', samples: 320 },
  model: {
    family: 'vit',
    patchSize: 8,
    width: 24,
    depth: 1,
    heads: 2,
    mlpRatio: 2,
    dropout: { position: 0.1, mlp: 0.1, path: 0.1 },
  },
  train: { epochs, batchSize: 32, labelSmoothing: 0.1 },
  augment: 'basic',
  seeds: Array.from({ length: seeds }, (_, i) => firstSeed + i),
  space: { 'train.optimizer.learningRate': Array.from({ length: configs }, (_, i) => 0.001 * (i + 1)) },
});
export type DisturbedSpec = ReturnType<typeof spec>;

/** The config of one learning rate of the spec. */
export function configOf({ dataset, model, train, augment }: DisturbedSpec, learningRate: number): Config {
  const resolved = resolveConfig({ dataset, model, train: { ...train, optimizer: { learningRate } }, augment });
  if ('complaints' in resolved) throw new Error(JSON.stringify(resolved.complaints));
  return resolved.config;
}
