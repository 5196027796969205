/** `ablate classify`: accuracy by class; of CLIP with prompts, of other networks with their head. */
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { count } from '@ablate/contracts/count';
import { classFolders } from '@ablate/data';
import {
  accuracyOf,
  addHits,
  type Classifier,
  type ClassLabels,
  classLabels,
  countHits,
  float,
  type Hits,
  headClassifier,
  NO_HITS,
  type OpenNetwork,
  promptClassifier,
} from '@ablate/models';
import { z } from 'zod';
import { asJson, type Context } from '../command.ts';
import { formatPercent } from '../format.ts';
import { formatTable } from '../table.ts';
import { DEFAULT_BATCH } from './choices.ts';
import { ImagesOptions, parseOptions } from './options.ts';
import { asUserError, labelledBatchesOf, openNetworkOf, withTokenizer } from './sources.ts';

const Options = ImagesOptions.extend({
  classes: z.string().min(1).optional(),
  vocabulary: z.string().min(1).optional(),
  prompts: z.enum(['one', 'seven', 'eighty']).default('seven'),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** The class folders of `--input`, with the outputs that they belong to. */
async function labelsOf({ input, classes: list }: Options, { checkpoint }: OpenNetwork): Promise<ClassLabels> {
  const folders = await classFolders(input).catch((error: unknown) => {
    throw asUserError(error, input);
  });
  if (folders.length === 0)
    throw new UserError(`${input} has no class folders: expected ${join(input, 'CLASS', 'PICTURE')}`, 'usage');
  return classLabels(folders, { input, list, checkpoint });
}

const openClassifier = async (
  opened: OpenNetwork,
  options: Options,
  names: string[],
  context: Context,
): Promise<Classifier> => {
  const { clip } = opened;
  if (!clip) return headClassifier(opened, names.length, context.log);
  const { prompts } = options;
  return withTokenizer(options, 'CLIP', (tokenizer) => promptClassifier(clip, { tokenizer, classes: names, prompts }));
};

/** Counts the hits of each class folder. */
async function measure(
  { logits }: Classifier,
  batches: ReturnType<typeof labelledBatchesOf>,
  labels: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<Map<string, Hits>> {
  const hits = new Map<string, Hits>();
  for await (const { images, folders } of batches) {
    signal.throwIfAborted();
    const { shape, data } = logits(images);
    const [, outputs = 0] = shape;
    for (const [row, folder] of folders.entries()) {
      const own = float([1, outputs], data.subarray(row * outputs, (row + 1) * outputs));
      hits.set(folder, addHits(hits.get(folder) ?? NO_HITS, countHits(own, labels.get(folder) ?? -1)));
    }
  }
  return hits;
}

export async function runClassify(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const opened = await openNetworkOf(options, context);
  try {
    const { checkpoint, network } = opened;
    const { names, labels, leftOut } = await labelsOf(options, opened);
    if (leftOut.length > 0) context.log(`note: ${count(leftOut.length, 'folder')} of classes that the run did not use`);
    const classifier = await openClassifier(opened, options, names, context);
    const batch = options.batch ?? checkpoint?.evaluation?.batchSize ?? DEFAULT_BATCH;
    const broken: string[] = [];
    let hits: Map<string, Hits>;
    try {
      const batches = labelledBatchesOf(
        { ...options, batch },
        { side: network.config.imageSize, checkpoint },
        {
          isWanted: (folder) => labels.has(folder),
          skip: (why) => broken.push(why),
          note: (text) => context.log(`note: ${text}`),
        },
      );
      hits = await measure(classifier, batches, labels, context.signal);
    } finally {
      classifier.dispose();
    }
    if (broken.length > 0)
      context.log(`note: ${count(broken.length, 'picture')} skipped, as the run did, such as ${broken[0]}`);
    const rows = [...hits]
      .sort(([a], [b]) => (labels.get(a) ?? 0) - (labels.get(b) ?? 0))
      .map(([folder, found]) => ({ class: names[labels.get(folder) ?? 0] ?? folder, ...accuracyOf(found) }));
    const total = accuracyOf([...hits.values()].reduce(addHits, NO_HITS));
    if (options.json) return context.print(asJson({ classes: rows, total }));
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
