/** `ablate rollout`: attention followed through all layers, painted over the picture and as numbers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { resize } from '@ablate/data';
import { encodePng, type Float, observe, rollout, tile } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { gridsOf, overlay } from './attention.ts';
import { openImages } from './image-input.ts';
import { batchForMaps } from './map-bytes.ts';
import { openNetwork } from './open-network.ts';
import { ImagesOptions, parseOptions, share } from './options.ts';
import { gatherTensors, writeTensors } from './tensors-file.ts';

const Options = ImagesOptions.extend({
  output: z.string().min(1),
  fusion: z.enum(['mean', 'max', 'min']).default('mean'),
  discard: share.default(0),
});

/** Without the class token's own column: (N, 1, T) -> (N, 1, P). */
function patchesOf({ shape, data }: Float, cls: boolean): Float {
  const [images = 0, , tokens = 0] = shape;
  if (!cls) return { dtype: 'F32', shape: [images, 1, tokens], data };
  return { dtype: 'F32', shape: [images, 1, tokens - 1], data: data.filter((_, at) => at % tokens !== 0) };
}

export async function runRollout(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { fusion, discard, output } = options;
  const { network } = await openNetwork(options, context);
  try {
    const { config } = network;
    if (config.family !== 'vit')
      throw new Failure(`rollout follows one stream of tokens, a ViT’s; this is a ${config.family}`, EXIT.usage);
    if (config.attention === 'differential') context.say('rollout: negative entries of the signed maps count as 0');
    const cls = config.pool === 'cls';
    const batch = batchForMaps(config, options.batch);
    const input = await openImages({ ...options, batch }, config.imageSize);
    await mkdir(output, { recursive: true });
    const gathered = gatherTensors();
    for await (const { images, pictures, names } of input.batches()) {
      context.signal.throwIfAborted();
      const seen = observe(network, images, (name) => name.startsWith('attention.'));
      const maps = Array.from({ length: config.depth }, (_, layer) => seen.get(`attention.${layer}`)).filter(
        (map) => map !== undefined,
      );
      const patches = patchesOf(rollout(maps, { fusion, discard, query: cls ? 'cls' : 'mean' }), cls);
      gathered.add(new Map([['rollout', patches]]));
      for (const [index, picture] of pictures.entries()) {
        const path = join(output, `${parse(names[index] ?? '').name}.rollout.png`);
        const over = gridsOf(patches, index).map((grid) => overlay(picture, grid, false));
        const size = over[0]?.width ?? picture.width;
        await writeFile(path, encodePng(tile([resize(picture, size, size, 'bicubic'), ...over], { columns: 2 })));
        context.print(path);
      }
    }
    const path = join(output, 'rollout.safetensors');
    await writeTensors(path, gathered.joined(), { images: JSON.stringify(input.names) });
    context.print(path);
  } finally {
    network.dispose();
  }
}
