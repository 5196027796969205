/** `ablate attention`: the attention maps of each head, painted over the pictures. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { UserError } from '@ablate/contracts';
import {
  batchForMaps,
  encodePng,
  type Grid,
  gridsOf,
  hasClassToken,
  isSigned,
  layerOf,
  massMask,
  meanGrid,
  observe,
  type Picture,
  patchAttention,
  selectMaps,
  spotlight,
  tile,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { DEFAULT_BATCH } from './choices.ts';
import { ImagesOptions, parseOptions, share } from './options.ts';
import { overlay, resized } from './painting.ts';
import { openImagesOf, openNetworkOf } from './sources.ts';

const Options = ImagesOptions.extend({
  output: z.string().min(1),
  layer: z.string().min(1).default('last'),
  mass: share.optional(),
});

/** The picture, each head, and the mean of the heads. */
function row(picture: Picture, grids: readonly Grid[], { signed, mass }: { signed: boolean; mass?: number }): Picture {
  const painted = [...grids, meanGrid(grids)].map((grid) => {
    const over = overlay(picture, grid, { signed });
    if (mass === undefined) return over;
    const { data } = massMask({ dtype: 'F32', shape: [1, grid.data.length], data: grid.data }, mass);
    return spotlight(resized(picture, over.width, over.height), { ...grid, data });
  });
  const [first] = painted;
  const plain = first ? [resized(picture, first.width, first.height)] : [];
  return tile([...plain, ...painted], { columns: painted.length + 1 });
}

export async function runAttention(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network, checkpoint } = await openNetworkOf(options, context);
  try {
    const { config } = network;
    const wants = selectMaps(config, options.layer);
    const signed = isSigned(config);
    if (signed && options.mass !== undefined)
      throw new UserError('--mass needs maps without negative entries; differential attention has them', 'usage');
    const batch = batchForMaps(config, options.batch ?? DEFAULT_BATCH);
    const input = await openImagesOf({ ...options, batch }, { side: config.imageSize, checkpoint });
    await mkdir(options.output, { recursive: true });
    for await (const { images, pictures, names } of input.batches()) {
      context.signal.throwIfAborted();
      const layers = new Set<string>();
      const seen = observe(network, images, (name) => {
        const layer = layerOf(name);
        if (layer !== undefined) layers.add(layer);
        return wants(name);
      });
      const maps = [...seen].filter(([name]) => layerOf(name) !== undefined);
      if (maps.length === 0)
        throw new UserError(`unknown layer "${options.layer}"; the layers are ${[...layers].join(', ')}`, 'usage');
      for (const [name, map] of maps) {
        const patches = patchAttention(map, { cls: hasClassToken(config) });
        for (const [index, picture] of pictures.entries()) {
          const path = join(options.output, `${parse(names[index] ?? '').name}.${layerOf(name)}.png`);
          await writeFile(path, encodePng(row(picture, gridsOf(patches, index), { signed, mass: options.mass })));
          context.print(path);
        }
      }
    }
  } finally {
    network.dispose();
  }
}
