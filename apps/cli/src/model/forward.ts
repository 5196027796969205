/** `ablate forward`: images in, logits and intermediate values out. */
import { readFile } from 'node:fs/promises';
import { UserError } from '@ablate/contracts';
import {
  batchForMaps,
  type ClipNetwork,
  checkMapMemory,
  clipImages,
  clipTexts,
  type Float,
  gatherTensors,
  layerOf,
  observe,
  writeTensorsFile,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { DEFAULT_BATCH } from './choices.ts';
import { ImagesOptions, parseOptions } from './options.ts';
import { openImagesOf, openNetworkOf, withTokenizer } from './sources.ts';

const Options = ImagesOptions.extend({
  output: z.string().min(1),
  attention: z.boolean().default(false),
  features: z.boolean().default(false),
  texts: z.string().min(1).optional(),
  vocabulary: z.string().min(1).optional(),
});
type Options = z.infer<typeof Options>;

const MAX_TEXTS = 100_000;

/** The text side's values for `--texts`; empty without it. */
async function textValues(
  clip: ClipNetwork,
  options: Options,
  wants: (name: string) => boolean,
): Promise<Map<string, Float>> {
  const { texts: path, batch = DEFAULT_BATCH } = options;
  if (path === undefined) return new Map();
  const texts = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (texts.length === 0 || texts.length > MAX_TEXTS)
    throw new UserError(`${path} has ${texts.length} texts; the limits are 1 and ${MAX_TEXTS}`);
  return withTokenizer(options, '--texts', (tokenizer) => clipTexts(clip, { tokenizer, texts, batch, wants }));
}

export async function runForward(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network, clip, checkpoint } = await openNetworkOf(options, context);
  try {
    if (options.texts !== undefined && !clip) throw new UserError('--texts is for CLIP models', 'usage');
    const wants = (name: string): boolean =>
      (options.attention && layerOf(name) !== undefined) || (options.features && name === 'features');
    const { config } = network;
    const batch = options.attention
      ? batchForMaps(config, options.batch ?? DEFAULT_BATCH)
      : (options.batch ?? DEFAULT_BATCH);
    const input = await openImagesOf({ ...options, batch }, { side: config.imageSize, checkpoint });
    if (options.attention) checkMapMemory(config, input.count);
    const values = clip ? await textValues(clip, options, wants) : new Map<string, Float>();
    const texts = values.get('text_features');
    const gathered = gatherTensors();
    for await (const { images } of input.batches()) {
      context.signal.throwIfAborted();
      gathered.add(clip ? clipImages(clip, images, { texts, wants }) : observe(network, images, wants));
    }
    const output = new Map([...gathered.joined(), ...values]);
    await writeTensorsFile(options.output, output, { images: JSON.stringify(input.names) });
    for (const [name, { shape }] of output) context.print(`${name} [${shape.join(', ')}]`);
  } finally {
    network.dispose();
  }
}
