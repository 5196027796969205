/** Tiny sweeps whose searches decide, and their logs. */
import { tinySpec } from '@ablate/harness/specs';

/** A race of some configs over two seeds or more. */
export const compareSpec = ({ configs = 3, maxSeeds = 3 } = {}) => ({
  ...tinySpec({ configs, seeds: 2, epochs: 2, name: 'compare' }),
  search: { method: 'compare', maxSeeds },
});

/** A search of a space with a condition and a constraint, with rungs after half of the epochs, or also after a quarter with eight samples or more. */
export function findSpec({ samples = 5, epochs = 6, seeds = 1 } = {}) {
  const { space: _, ...spec } = tinySpec({ seeds, epochs, name: 'find' });
  return {
    ...spec,
    search: { method: 'find', samples, sampler: 'tpe', parallel: 3, eta: 2 },
    space: {
      'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' },
      'model.heads': [2, 3],
      'train.ema': { values: [0.9, 0.99], when: 'model.heads == 2' },
    },
    constraints: ['!(model.heads == 3 && train.optimizer.learningRate > 0.009)'],
    baseline: { 'train.optimizer.learningRate': 0.001, 'model.heads': 2, 'train.ema': 0.9 },
  };
}

/** A search that a caller drives. */
export function askSpec({ samples = 12 } = {}) {
  const { space: _, ...spec } = tinySpec({ seeds: 1, epochs: 2, name: 'ask' });
  return {
    ...spec,
    search: { method: 'ask', samples, sampler: 'tpe' },
    space: { 'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' }, 'model.heads': [2, 3] },
  };
}

/** Brackets of one and two epochs, over models of which some are dear: the front of accuracy against multiply-accumulates. */
export function frontSpec() {
  const { space: _, ...spec } = tinySpec({ seeds: 1, epochs: 2, name: 'front' });
  return {
    ...spec,
    search: { method: 'bohb', samples: 5, eta: 2, parallel: 4, cost: 'macs' },
    space: { 'model.depth': [1, 2, 3], 'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' } },
  };
}

/** A population of three parts, of which one member goes on from another after the first and the second. */
export function pbtSpec() {
  const { space: _, ...spec } = tinySpec({ seeds: 1, epochs: 3, name: 'pbt' });
  return {
    ...spec,
    search: { method: 'pbt', population: 4, parts: 3 },
    space: {
      'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' },
      'train.labelSmoothing': [0, 0.1, 0.2],
      'model.heads': [2, 3],
    },
  };
}

/** Methods that share what `findSpec` and `frontSpec` test, but for what chooses configs or how these go on. */
export const OTHER_METHODS = ['hyperband', 'median', 'tpe', 'gp', 'auto', 'halton', 'sobol'] as const;

/** Two configs of a range, trained for two epochs. */
export function methodSpec(method: (typeof OTHER_METHODS)[number]) {
  const { space: _, ...spec } = tinySpec({ seeds: 1, epochs: 2, name: method });
  return {
    ...spec,
    search: { method, samples: 2, ...(method === 'hyperband' && { eta: 2 }) },
    space: { 'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' } },
  };
}

/** The log of a sweep without times. */
export const LOG = 'SELECT number, kind, config, run, entry, inputs FROM decision WHERE sweep_id = $1 ORDER BY number';

/** The sweep, once its search has ended and no run is left. */
export const ENDED = 'SELECT id FROM sweep WHERE id = $1 AND NOT searching AND sweep_finished(id)';
