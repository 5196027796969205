/** `ablate classify`: accuracy by class; of CLIP with prompts, of other networks with their head. */
import { join } from 'node:path';
import {
  accuracyOf,
  addHits,
  countHits,
  type Hits,
  headClassifier,
  labelledFolders,
  NO_HITS,
  promptClassifier,
} from '@ablate/models';
import { z } from 'zod';
import { asJson, type Context } from '../command.ts';
import { formatPercent } from '../format.ts';
import { formatTable } from '../table.ts';
import { ImagesOptions, parseOptions } from './options.ts';
import { openImagesOf, openNetworkOf, withTokenizer } from './sources.ts';

const Options = ImagesOptions.extend({
  preprocess: z.enum(['imagenet', 'clip', 'cifar10']),
  classes: z.string().min(1).optional(),
  vocabulary: z.string().min(1).optional(),
  prompts: z.enum(['one', 'seven', 'eighty']).default('seven'),
  json: z.boolean().default(false),
});

export async function runClassify(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { prompts, json } = options;
  const { classes, folders } = await labelledFolders(options.input, options.classes);
  const opened = await openNetworkOf(options, context);
  try {
    const names = classes.map(({ name }) => name);
    const { clip } = opened;
    const classify = clip
      ? await withTokenizer(options, 'CLIP', (tokenizer) =>
          promptClassifier(clip, { tokenizer, classes: names, prompts }),
        )
      : headClassifier(opened, names.length);
    const results: { class: string; hits: Hits }[] = [];
    for (const { folder, label } of folders) {
      let hits = NO_HITS;
      const input = await openImagesOf(
        { ...options, input: join(options.input, folder) },
        opened.network.config.imageSize,
      );
      for await (const { images } of input.batches()) {
        context.signal.throwIfAborted();
        hits = addHits(hits, countHits(classify(images), label));
      }
      results.push({ class: names[label] ?? '', hits });
    }
    const rows = results.map(({ class: name, hits }) => ({ class: name, ...accuracyOf(hits) }));
    const total = accuracyOf(results.map(({ hits }) => hits).reduce(addHits, NO_HITS));
    if (json) return context.print(asJson({ classes: rows, total }));
    const cells = [...rows, { class: 'all', ...total }].map((row) => [
      row.class,
      row.images,
      formatPercent(row.top1, 1),
      formatPercent(row.top5, 1),
    ]);
    context.print(formatTable(['class', 'images', 'top-1 %', 'top-5 %'], cells));
  } finally {
    opened.network.dispose();
  }
}
