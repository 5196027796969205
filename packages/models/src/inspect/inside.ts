/** Everything that the page "inside" shows of a network on a few images, as compact tensors (docs/inside.md). */
import type { InsideHeader } from '@ablate/contracts';
import type { Network } from '../build.ts';
import { halved, type TensorData } from '../safetensors.ts';
import { gatherTensors } from '../weights/tensors-file.ts';
import { patchAttention } from './attention.ts';
import { batchesOf } from './batches.ts';
import { gradCam } from './grad-cam.ts';
import { batchForMaps, mapsFit } from './map-memory.ts';
import { hasClassToken, layerOf, patchColumns } from './maps.ts';
import { observe } from './observe.ts';
import { positionTables } from './position-vectors.ts';
import { rollout } from './rollout.ts';
import { similarity } from './similarity.ts';
import { type Float, float } from './tensor.ts';

/** Bytes that the attention of the images may take; beyond them, that of the first images only. */
const ATTENTION_BYTES = 2 ** 19;
/** Positions a side whose similarity to all positions is shown. */
const POSITIONS = 8;
/** First-layer filters shown, at most. */
const FILTERS = 64;
const TOP = 3;

type Top = { label: number; probability: number }[];

export type Inside = Pick<InsideHeader, 'family' | 'query' | 'notes'> & {
  tensors: Map<string, TensorData>;
  /** The most probable classes of each image. */
  top: Top[];
};

/** Maps of patches, (…, P), as grids, (…, √P, √P). */
const gridded = ({ shape, data }: Float): Float => {
  const side = Math.sqrt(shape.at(-1) ?? 0);
  return float([...shape.slice(0, -1), side, side], data);
};

/** The most probable classes of each row of logits (N, K). */
function topClasses({ shape, data }: Float): Top[] {
  const [rows = 0, classes = 0] = shape;
  return Array.from({ length: rows }, (_, row) => {
    const logits = data.subarray(row * classes, (row + 1) * classes);
    const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    return Array.from(logits.keys())
      .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0))
      .slice(0, TOP)
      .map((label) => ({ label, probability: Math.exp((logits[label] ?? 0) - most) / sum }));
  });
}

/** The maps of one pass: of all layers, `first.` and `second.` those whose difference they are. */
const isMap = (name: string): boolean => layerOf(name.replace(/^(first|second)\./, '')) !== undefined;

/** How an output token looks at the patches in each layer, and through all layers. */
function attentionOf({ config }: Network, seen: ReadonlyMap<string, Float>): Map<string, Float> {
  const cls = hasClassToken(config);
  const maps = [...seen].filter(([name]) => isMap(name));
  const shown = new Map(maps.map(([name, map]) => [name, gridded(patchAttention(map, { cls }))]));
  if (config.family === 'vit') {
    const layers = maps.filter(([name]) => layerOf(name) !== undefined).map(([, map]) => map);
    const rolled = rollout(layers, { fusion: 'mean', discard: 0, query: cls ? 'cls' : 'mean' });
    const { shape, data } = patchColumns(rolled, { cls });
    shown.set('rollout', gridded(float([shape[0] ?? 0, shape[2] ?? 0], data)));
  }
  return shown;
}

const firstImages = ({ shape, data }: Float, count: number): Float => {
  const [images = 1, ...rest] = shape;
  return float([Math.min(count, images), ...rest], data.slice(0, (data.length / images) * Math.min(count, images)));
};

/** The tensors of the first images that fit, and a note if that is not all of them. */
function withinLimit(shown: ReadonlyMap<string, Float>, images: number): { kept: Map<string, Float>; notes: string[] } {
  const bytes = [...shown.values()].reduce((sum, { data }) => sum + 2 * data.length, 0);
  const count = Math.max(1, Math.min(images, Math.floor((ATTENTION_BYTES * images) / Math.max(1, bytes))));
  if (count === images) return { kept: new Map(shown), notes: [] };
  return {
    kept: new Map([...shown].map(([name, map]) => [name, name === 'rollout' ? map : firstImages(map, count)])),
    notes: [`the attention of all layers is kept for the first ${count} of ${images} images: it is large`],
  };
}

/** Similarity of a coarse grid of positions to all: (q, q, s, s), by cosine as in ViT's figure 7. */
function similarPositions(table: Float): Float {
  const all = similarity(table, 'cosine');
  const patches = all.shape[0] ?? 0;
  const side = Math.sqrt(patches);
  const coarse = Math.min(side, POSITIONS);
  const at = (index: number) => Math.floor(((index + 0.5) * side) / coarse);
  const data = new Float32Array(coarse * coarse * patches);
  for (let row = 0; row < coarse; row++)
    for (let column = 0; column < coarse; column++) {
      const from = (at(row) * side + at(column)) * patches;
      data.set(all.data.subarray(from, from + patches), (row * coarse + column) * patches);
    }
  return float([coarse, coarse, side, side], data);
}

/** The first convolution's kernels: (k, k, 3, C) -> (C, k, k, 3), the first of them. */
function filtersOf({ config, parameters }: Network): Float | null {
  const kernel = config.family === 'resnet' ? parameters.get('conv1.weight') : undefined;
  if (!kernel) return null;
  const [height = 0, width = 0, inputs = 0, outputs = 0] = kernel.shape;
  const values = kernel.dataSync();
  const size = height * width * inputs;
  const count = Math.min(outputs, FILTERS);
  const data = new Float32Array(count * size).map((_, i) => values[(i % size) * outputs + Math.floor(i / size)] ?? 0);
  return float([count, height, width, inputs], data);
}

/** What belongs to the network alone, whatever the images are. */
function ofNetwork(network: Network): Map<string, Float> {
  const found = new Map<string, Float>();
  for (const [branch, table] of positionTables(network))
    found.set(branch === '' ? 'positions' : `positions.${branch}`, similarPositions(table));
  const filters = filtersOf(network);
  if (filters) found.set('filters', filters);
  return found;
}

/**
 * Look at a network on normalised images (N, S, S, 3), `batch` of them in one pass at most. The network must hold its weights in its
 * variables. Not for CLIP.
 */
export function lookInside(network: Network, images: Float, { batch }: { batch: number }): Inside {
  const { config } = network;
  const { family } = config;
  if (family === 'clip') throw new Error('a CLIP has no classes of its own to look at');
  const attends = family !== 'resnet' && mapsFit(config);
  const gathered = gatherTensors();
  const size = attends ? batchForMaps(config, batch) : batch;
  for (const part of batchesOf(images, size)) {
    const seen = observe(network, part, (name) => attends && isMap(name));
    const logits = seen.get('logits');
    if (!logits) throw new Error('the network returned no logits');
    gathered.add(new Map([['logits', logits], ...(attends ? attentionOf(network, seen) : [])]));
    for (const [branch, map] of gradCam(network, part))
      gathered.add(new Map([[branch === '' ? 'gradcam' : `gradcam.${branch}`, map]]));
  }
  const { logits, ...rest } = Object.fromEntries(gathered.joined());
  if (!logits) throw new Error('there is no image to look at');
  const shown = new Map(Object.entries(rest));
  const attention = new Map([...shown].filter(([name]) => !name.startsWith('gradcam')));
  const { kept, notes } = withinLimit(attention, images.shape[0] ?? 0);
  const all = new Map([...shown, ...kept, ...ofNetwork(network)]);
  if (family !== 'resnet' && !attends)
    notes.push('no attention is kept: the maps of one image take more than 1 GiB of memory');
  return {
    family,
    query: family === 'resnet' ? null : hasClassToken(config) ? 'class token' : 'mean of all tokens',
    tensors: new Map([...all].map(([name, tensor]) => [name, halved(tensor)])),
    top: topClasses(logits),
    notes,
  };
}
