/** `ablate attention`: what each head looks at, painted over the picture. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { Model } from '@ablate/contracts';
import { resize } from '@ablate/data';
import {
  blend,
  encodePng,
  type Float,
  type Grid,
  greyed,
  massMask,
  observe,
  type Picture,
  paint,
  patchAttention,
  rangeOf,
  spotlight,
  tile,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { openImages } from './image-input.ts';
import { batchForMaps } from './map-bytes.ts';
import { openNetwork } from './open-network.ts';
import { ImagesOptions, parseOptions, share } from './options.ts';

const Options = ImagesOptions.extend({
  output: z.string().min(1),
  layer: z.string().min(1).default('last'),
  mass: share.optional(),
});

const PREFIX = 'attention.';
/** Share of the map in what is painted over the picture. */
const OVER = 0.65;
/** Side of a painted map, at least, in pixels. */
const LEAST = 160;

/** Whether row 0 of this map is a class token's, or the mean place's of CLIP's pool. */
const hasClass = (model: Model): boolean => model.family !== 'vit' || model.pool === 'cls';
const isSigned = (model: Model): boolean => model.family === 'vit' && model.attention === 'differential';

/** Grids of one image: (N, G, P) -> G square grids. */
export function gridsOf({ shape, data }: Float, image: number): Grid[] {
  const [, count = 0, places = 0] = shape;
  const side = Math.sqrt(places);
  if (!Number.isInteger(side)) throw new Failure(`${places} places are not a square grid`);
  return Array.from({ length: count }, (_, index) => {
    const from = (image * count + index) * places;
    return { rows: side, columns: side, data: data.slice(from, from + places) };
  });
}

const meanGrid = (grids: readonly Grid[]): Grid => {
  const [first] = grids;
  if (!first) throw new Failure('there are no heads');
  const data = first.data.map((_, at) => grids.reduce((sum, grid) => sum + (grid.data[at] ?? 0), 0) / grids.length);
  return { ...first, data };
};

/** A grid over a picture in grey, enlarged to whole patches. */
export function overlay(picture: Picture, grid: Grid, signed: boolean): Picture {
  const scale = Math.max(1, Math.ceil(picture.width / grid.columns), Math.ceil(LEAST / grid.columns));
  const name = signed ? 'diverging' : 'sequential';
  const painted = paint(grid, { palette: name, range: rangeOf(grid.data, name), scale });
  return blend(greyed(resize(picture, painted.width, painted.height, 'bicubic')), painted, OVER);
}

/** The picture, each head, and their mean. */
function row(picture: Picture, grids: readonly Grid[], { signed, mass }: { signed: boolean; mass?: number }): Picture {
  const shown = [...grids, meanGrid(grids)].map((grid) => {
    const over = overlay(picture, grid, signed);
    if (mass === undefined) return over;
    const data = massMask({ dtype: 'F32', shape: [1, grid.data.length], data: grid.data }, mass).data;
    return spotlight(resize(picture, over.width, over.height, 'bicubic'), { ...grid, data });
  });
  const [first] = shown;
  const plain = first ? [resize(picture, first.width, first.height, 'bicubic')] : [];
  return tile([...plain, ...shown], { columns: shown.length + 1 });
}

/** Whether a map is to be painted: the last block's (of CrossViT the last exchange's, of CLIP the pool's), all, or one. */
function chosen(model: Model, layer: string): (name: string) => boolean {
  const last: Record<Exclude<Model['family'], 'resnet'>, (name: string) => boolean> = {
    vit: (name) => model.family === 'vit' && name === `${PREFIX}${model.depth - 1}`,
    crossvit: (name) => model.family === 'crossvit' && name.includes(`.${model.stages - 1}.cross`),
    clip: (name) => name === `${PREFIX}pool`,
  };
  if (model.family === 'resnet') throw new Failure('a ResNet has no attention', EXIT.usage);
  if (layer === 'last') return last[model.family];
  return (name) => name.startsWith(PREFIX) && (layer === 'all' || name === PREFIX + layer);
}

export async function runAttention(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network } = await openNetwork(options, context);
  try {
    const { config } = network;
    const wants = chosen(config, options.layer);
    const signed = isSigned(config);
    if (signed && options.mass !== undefined)
      throw new Failure('--mass needs maps without negative entries; differential attention has them', EXIT.usage);
    const batch = batchForMaps(config, options.batch);
    const input = await openImages({ ...options, batch }, config.imageSize);
    await mkdir(options.output, { recursive: true });
    for await (const { images, pictures, names } of input.batches()) {
      context.signal.throwIfAborted();
      const shown = new Set<string>();
      const seen = observe(network, images, (name) => {
        if (name.startsWith(PREFIX)) shown.add(name.slice(PREFIX.length));
        return wants(name);
      });
      const layers = [...seen.keys()].filter((name) => name.startsWith(PREFIX));
      if (layers.length === 0)
        throw new Failure(`there is no layer "${options.layer}"; there are ${[...shown].join(', ')}`, EXIT.usage);
      for (const layer of layers) {
        const map = seen.get(layer);
        if (!map) continue;
        const patches = patchAttention(map, { cls: hasClass(config) });
        for (const [index, picture] of pictures.entries()) {
          const path = join(options.output, `${parse(names[index] ?? '').name}.${layer.slice(PREFIX.length)}.png`);
          await writeFile(path, encodePng(row(picture, gridsOf(patches, index), { signed, mass: options.mass })));
          context.print(path);
        }
      }
    }
  } finally {
    network.dispose();
  }
}
