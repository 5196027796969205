/** `ablate forward`: images in, logits and what the network shows out. */
import { readFile } from 'node:fs/promises';
import { tf } from '@ablate/engine';
import {
  type ClipNetwork,
  type Float,
  normalised,
  observe,
  observePass,
  readTokenizer,
  TokenizerError,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { openImages } from './image-input.ts';
import { batchForMaps, checkMaps } from './map-bytes.ts';
import { openNetwork } from './open-network.ts';
import { ImagesOptions, parseOptions } from './options.ts';
import { gatherTensors, writeTensors } from './tensors-file.ts';

const Options = ImagesOptions.extend({
  output: z.string().min(1),
  attention: z.boolean().default(false),
  features: z.boolean().default(false),
  texts: z.string().min(1).optional(),
  vocabulary: z.string().min(1).optional(),
});
type Options = z.infer<typeof Options>;

const MAX_TEXTS = 100_000;

/** Text features (texts, E) and what the text side showed, in parts of `batch` texts. */
async function textSide(
  clip: ClipNetwork,
  options: Options,
  wants: (name: string) => boolean,
): Promise<Map<string, Float>> {
  const { texts: path, vocabulary, batch } = options;
  if (path === undefined) return new Map();
  if (vocabulary === undefined)
    throw new Failure('--texts needs --vocabulary, CLIP’s bpe_simple_vocab_16e6.txt (or .gz)', EXIT.usage);
  const texts = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (texts.length === 0 || texts.length > MAX_TEXTS)
    throw new Failure(`${path} has ${texts.length} texts; between 1 and ${MAX_TEXTS} are taken`);
  const gathered = gatherTensors();
  const { context: length } = clip.config.text;
  try {
    const tokenizer = await readTokenizer(vocabulary);
    for (let at = 0; at < texts.length; at += batch) {
      const part = texts.slice(at, at + batch);
      const tokens = tokenizer.tokenize(part, { context: length });
      gathered.add(
        observePass(
          (pass) => ({ text_features: clip.textFeatures(tf.tensor2d(tokens, [part.length, length], 'int32'), pass) }),
          wants,
        ),
      );
    }
  } catch (error) {
    if (error instanceof TokenizerError) throw new Failure(error.message);
    throw error;
  }
  return gathered.joined();
}

/** Image features (N, E), and with texts the logits (N, texts): temperature times cosine. */
function clipPass(
  clip: ClipNetwork,
  images: Float,
  texts: Float | undefined,
  wants: (name: string) => boolean,
): Map<string, Float> {
  return observePass((pass) => {
    const features = clip.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), pass);
    const classifier = texts && normalised(tf.tensor(texts.data, texts.shape, 'float32')).transpose();
    return { image_features: features, ...(classifier && { logits: clip.logits(features, classifier, pass) }) };
  }, wants);
}

export async function runForward(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network, clip } = await openNetwork(options, context);
  try {
    if (options.texts !== undefined && !clip) throw new Failure('--texts is for CLIP models', EXIT.usage);
    const wants = (name: string): boolean =>
      (options.attention && name.startsWith('attention.')) || (options.features && name === 'features');
    const { config } = network;
    const batch = options.attention ? batchForMaps(config, options.batch) : options.batch;
    const input = await openImages({ ...options, batch }, config.imageSize);
    if (options.attention) checkMaps(config, input.count);
    const texts = clip ? await textSide(clip, options, wants) : new Map<string, Float>();
    const gathered = gatherTensors();
    for await (const { images } of input.batches()) {
      context.signal.throwIfAborted();
      const textFeatures = texts.get('text_features');
      gathered.add(clip ? clipPass(clip, images, textFeatures, wants) : observe(network, images, wants));
    }
    const answers = new Map([...gathered.joined(), ...texts]);
    await writeTensors(options.output, answers, { images: JSON.stringify(input.names) });
    for (const [name, { shape }] of answers) context.print(`${name} [${shape.join(', ')}]`);
  } finally {
    network.dispose();
  }
}
