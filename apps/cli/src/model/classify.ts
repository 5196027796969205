/** `ablate classify`: how often a network is right, class by class; CLIP by prompts, everything else by its head. */
import { join } from 'node:path';
import { tf } from '@ablate/engine';
import {
  type ClipNetwork,
  type Float,
  type Network,
  observe,
  observePass,
  readTokenizer,
  TokenizerError,
  zeroShotClassifier,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { formatTable } from '../table.ts';
import { type ClassName, labelledFolders } from './class-folders.ts';
import { openImages } from './image-input.ts';
import { openNetwork } from './open-network.ts';
import { ImagesOptions, parseOptions } from './options.ts';

const Options = ImagesOptions.extend({
  preprocess: z.enum(['imagenet', 'clip', 'cifar10']),
  classes: z.string().min(1).optional(),
  vocabulary: z.string().min(1).optional(),
  prompts: z.enum(['one', 'seven', 'eighty']).default('seven'),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** How many logits are higher; of equal ones, the earlier class counts as higher. */
export function rankOf(logits: Float32Array, label: number): number {
  const own = logits[label] ?? Number.NEGATIVE_INFINITY;
  return logits.reduce((rank, value, at) => rank + (value > own || (value === own && at < label) ? 1 : 0), 0);
}

/** A prompt classifier (E, K) as an array. */
async function promptClassifier(clip: ClipNetwork, classes: ClassName[], options: Options): Promise<Float> {
  const { vocabulary, prompts } = options;
  if (vocabulary === undefined)
    throw new Failure('CLIP needs --vocabulary, its bpe_simple_vocab_16e6.txt (or .gz)', EXIT.usage);
  try {
    const tokenizer = await readTokenizer(vocabulary);
    const names = classes.map(({ name }) => name);
    const seen = observePass((pass) => ({
      classifier: zeroShotClassifier({ network: clip, tokenizer, classes: names, prompts }, pass),
    }));
    return seen.get('classifier') ?? { dtype: 'F32', shape: [0, 0], data: new Float32Array() };
  } catch (error) {
    if (error instanceof TokenizerError) throw new Failure(error.message);
    throw error;
  }
}

type Classify = (images: Float) => Float | undefined;

async function classifierOf(
  { network, clip }: { network: Network; clip: ClipNetwork | null },
  classes: ClassName[],
  options: Options,
): Promise<Classify> {
  if (clip) {
    const prompts = await promptClassifier(clip, classes, options);
    return (images) =>
      observePass((pass) => {
        const features = clip.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), pass);
        return { logits: clip.logits(features, tf.tensor(prompts.data, prompts.shape, 'float32'), pass) };
      }).get('logits');
  }
  const { config } = network;
  if (config.family !== 'clip' && config.classes !== classes.length)
    throw new Failure(
      `the model has ${config.classes} classes, there are ${classes.length}: give --classes, a line an output, \`name\` or \`folder<TAB>name\``,
      EXIT.usage,
    );
  return (images) => observe(network, images, () => false).get('logits');
}

type Tally = { images: number; top1: number; top5: number };
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export async function runClassify(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { classes, folders } = await labelledFolders(options.input, options.classes);
  const opened = await openNetwork(options, context);
  try {
    const classify = await classifierOf(opened, classes, options);
    const tallies = new Map<number, Tally>();
    for (const { folder, label } of folders) {
      const tally = { images: 0, top1: 0, top5: 0 };
      tallies.set(label, tally);
      const input = await openImages(
        { ...options, input: join(options.input, folder) },
        opened.network.config.imageSize,
      );
      for await (const { images } of input.batches()) {
        context.signal.throwIfAborted();
        const logits = classify(images);
        if (!logits) throw new Failure('the network gave no logits');
        const width = classes.length;
        for (let at = 0; at < logits.data.length; at += width) {
          const rank = rankOf(logits.data.subarray(at, at + width), label);
          tally.images++;
          if (rank < 1) tally.top1++;
          if (rank < 5) tally.top5++;
        }
      }
    }
    const rows = [...tallies].map(([label, { images, top1, top5 }]) => ({
      class: classes[label]?.name ?? '',
      images,
      top1: share(top1, images),
      top5: share(top5, images),
    }));
    const sum = [...tallies.values()].reduce((a, b) => ({
      images: a.images + b.images,
      top1: a.top1 + b.top1,
      top5: a.top5 + b.top5,
    }));
    const total = { images: sum.images, top1: share(sum.top1, sum.images), top5: share(sum.top5, sum.images) };
    if (options.json) return context.print(JSON.stringify({ classes: rows, total }, null, 2));
    const percent = (value: number): string => (100 * value).toFixed(1);
    const cells = [...rows, { class: 'all', ...total }].map((row) => [
      row.class,
      row.images,
      percent(row.top1),
      percent(row.top5),
    ]);
    context.print(formatTable(['class', 'images', 'top-1 %', 'top-5 %'], cells));
  } finally {
    opened.network.dispose();
  }
}
