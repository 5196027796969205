/** Where every token looks: the whole attention matrices of a transformer, as compact tensors (docs/inside.md). */
import type { Network } from '../build.ts';
import { halved, type TensorData } from '../safetensors.ts';
import { gatherTensors } from '../weights/tensors-file.ts';
import { batchesOf } from './batches.ts';
import { batchForMaps } from './map-memory.ts';
import { layerOf } from './maps.ts';
import { observe } from './observe.ts';
import { rollout } from './rollout.ts';
import type { Float } from './tensor.ts';

/**
 * Attention of all tokens to all tokens on normalised images (N, S, S, 3): `all.attention.<layer>` (N, H, T, T) and, of a ViT,
 * `all.rollout` (N, T, T). Empty for a ResNet.
 */
export function lookEverywhere(network: Network, images: Float): Map<string, TensorData> {
  const { config } = network;
  if (config.family === 'resnet' || config.family === 'clip') return new Map();
  const gathered = gatherTensors();
  for (const part of batchesOf(images, batchForMaps(config, images.shape[0] ?? 1))) {
    const seen = observe(network, part, (name) => layerOf(name) !== undefined);
    const maps = [...seen].filter(([name]) => layerOf(name) !== undefined);
    gathered.add(new Map(maps.map(([name, map]) => [`all.${name}`, map])));
    if (config.family !== 'vit') continue;
    const layers = maps.map(([, map]) => map);
    gathered.add(new Map([['all.rollout', rollout(layers, { fusion: 'mean', discard: 0, query: 'all' })]]));
  }
  return new Map([...gathered.joined()].map(([name, tensor]) => [name, halved(tensor)]));
}
