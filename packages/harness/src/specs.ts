/** Specs of tiny sweeps for fault tests and benchmarks. */
type SpecOptions = {
  configs?: number;
  seeds?: number;
  name?: string;
  epochs?: number;
  firstSeed?: number;
  running?: number;
};

/** A spec of `configs` × `seeds` runs of 4 epochs of 9 steps. */
export const tinySpec = ({
  configs = 2,
  seeds = 4,
  name = 'disturbed',
  epochs = 4,
  firstSeed = 1,
  running,
}: SpecOptions = {}) => ({
  version: 1,
  name,
  // A test that trains a run twice means it.
  reuse: false,
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
export type TinySpec = ReturnType<typeof tinySpec>;
