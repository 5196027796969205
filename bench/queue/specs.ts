/** Sweeps of tiny configs with a given number of runs and results. */

const MAX_CONFIGS = 1_000;

/** `runs` runs of `results` epochs with one step each. A sweep has at most 100 seeds. */
export function sweepOf({ name, runs, results }: { name: string; runs: number; results: number }): object {
  const seeds = Math.min(100, Math.max(1, Math.ceil(runs / MAX_CONFIGS)));
  const configs = Math.ceil(runs / seeds);
  return {
    version: 1,
    name,
    dataset: { name: 'shapes10', samples: 320 },
    model: { family: 'vit', patchSize: 8, width: 24, depth: 1, heads: 2 },
    train: { epochs: results, batchSize: 256, schedule: { name: 'constant' } },
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    space: { 'train.optimizer.learningRate': Array.from({ length: configs }, (_, i) => (i + 1) / 1_000_000) },
  };
}
