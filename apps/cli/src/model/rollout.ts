/** `ablate rollout`: attention followed through all layers to the patches. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { UserError } from '@ablate/contracts';
import {
  batchForMaps,
  encodePng,
  gatherTensors,
  gridsOf,
  layerOf,
  observe,
  patchColumns,
  rollout,
  tile,
  writeTensorsFile,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { DEFAULT_BATCH } from './choices.ts';
import { ImagesOptions, parseOptions, share } from './options.ts';
import { overlay, resized } from './painting.ts';
import { openImagesOf, openNetworkOf } from './sources.ts';

const Options = ImagesOptions.extend({
  output: z.string().min(1),
  fusion: z.enum(['mean', 'max', 'min']).default('mean'),
  discard: share.default(0),
});

export async function runRollout(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { fusion, discard, output } = options;
  const { network, checkpoint } = await openNetworkOf(options, context);
  try {
    const { config } = network;
    if (config.family !== 'vit')
      throw new UserError(`rollout supports only ViTs; this model is a ${config.family}`, 'usage');
    if (config.attention === 'differential') context.log('note: negative entries of the attention maps count as 0');
    const cls = config.pool === 'cls';
    const batch = batchForMaps(config, options.batch ?? DEFAULT_BATCH);
    const input = await openImagesOf({ ...options, batch }, { side: config.imageSize, checkpoint });
    await mkdir(output, { recursive: true });
    const gathered = gatherTensors();
    for await (const { images, pictures, names } of input.batches()) {
      context.signal.throwIfAborted();
      const seen = observe(network, images, (name) => layerOf(name) !== undefined);
      const maps = Array.from({ length: config.depth }, (_, layer) => seen.get(`attention.${layer}`)).filter(
        (map) => map !== undefined,
      );
      const patches = patchColumns(rollout(maps, { fusion, discard, query: cls ? 'cls' : 'mean' }), { cls });
      gathered.add(new Map([['rollout', patches]]));
      for (const [index, picture] of pictures.entries()) {
        const path = join(output, `${parse(names[index] ?? '').name}.rollout.png`);
        const painted = gridsOf(patches, index).map((grid) => overlay(picture, grid, { signed: false }));
        const size = painted[0]?.width ?? picture.width;
        await writeFile(path, encodePng(tile([resized(picture, size, size), ...painted], { columns: 2 })));
        context.print(path);
      }
    }
    const path = join(output, 'rollout.safetensors');
    await writeTensorsFile(path, gathered.joined(), { images: JSON.stringify(input.names) });
    context.print(path);
  } finally {
    network.dispose();
  }
}
