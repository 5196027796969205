/** Symmetries of small networks that differ in one property. */
import { buildModel } from '../build.ts';
import { parseModel } from '../model-file.ts';
import type { SymmetryRow } from './measure.ts';
import { networkSymmetries } from './networks.ts';

const vit = { family: 'vit', imageSize: 24, classes: 10, patchSize: 8, width: 48, depth: 2, heads: 3 };

const EXAMPLES: Record<string, unknown> = {
  'ViT, cls, no positions': { ...vit, positional: 'none' },
  'ViT, mean pool, no positions': { ...vit, positional: 'none', pool: 'mean' },
  'differential ViT, no positions': { ...vit, positional: 'none', attention: 'differential' },
  'ViT, cls, learned positions': vit,
  'ViT, cls, sinusoidal positions': { ...vit, positional: 'sinusoidal2d' },
  'ResNet-20': { preset: 'resnet20' },
};

/** Measure ViTs with and without positions, and a ResNet, with initial values of `seed`. */
export const exampleSymmetries = ({ seed }: { seed: number }): SymmetryRow[] =>
  Object.entries(EXAMPLES).flatMap(([name, model]) => {
    const network = buildModel(parseModel(model, name), { seed });
    try {
      return networkSymmetries(network, { seed, name });
    } finally {
      network.dispose();
    }
  });
