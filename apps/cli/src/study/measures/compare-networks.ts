/** Both networks of `clip-vs-resnet50` on the same pictures, and their time and memory. Loads TensorFlow. */
import { UserError } from '@ablate/contracts';
import { classFolders, type PreparationName } from '@ablate/data';
import {
  type Classifier,
  type ClassLabels,
  classLabels,
  headClassifier,
  type OpenNetwork,
  PRECISIONS,
  promptClassifier,
  rankOf,
  relativeDifference,
  timeForward,
} from '@ablate/models';
import { mean, standardDeviation } from '@ablate/statistics';
import { toCsvText } from '@ablate/studies';
import type { Context } from '../../command.ts';
import { formatPercent } from '../../format.ts';
import { labelledBatchesOf, openNetworkOf, withTokenizer } from '../../model/sources.ts';
import type { MeasureInput, MeasureOptions } from './measure.ts';

/** One of the two networks: its weights are a file, or random. */
export type Side = { label: string; model: string; weights?: string; seed?: number; preprocess: PreparationName };

const BATCH = 8;
/** Images and forward passes of the measured times, as in the original. */
const TIMED_IMAGES = 5;
const RUNS = 100;
const WARMUP = 5;

/** Ranks of the true class, by class folder, image after image; 0 is the first. */
async function ranksOf(
  { preprocess }: Side,
  { network }: OpenNetwork,
  {
    classifier,
    labels,
    input,
    context,
  }: { classifier: Classifier; labels: ClassLabels['labels']; input: string; context: Context },
): Promise<Map<string, number[]>> {
  const ranks = new Map<string, number[]>();
  const batches = labelledBatchesOf(
    { input, preprocess, batch: BATCH },
    { side: network.config.imageSize, checkpoint: null },
    { isWanted: (folder) => labels.has(folder), skip: () => {}, note: (text) => context.log(`note: ${text}`) },
  );
  for await (const { images, folders } of batches) {
    context.signal.throwIfAborted();
    const { shape, data } = classifier.logits(images);
    const [, outputs = 0] = shape;
    for (const [row, folder] of folders.entries()) {
      const rank = rankOf(data.subarray(row * outputs, (row + 1) * outputs), labels.get(folder) ?? -1);
      ranks.set(folder, [...(ranks.get(folder) ?? []), rank]);
    }
  }
  return ranks;
}

type Timing = {
  label: string;
  precision: string;
  milliseconds: readonly number[];
  megabytes: number;
  difference: number;
};

/** Time, memory and difference of a forward pass in each precision that this machine supports. */
async function timingsOf(
  side: Side,
  { network }: OpenNetwork,
  { runs = RUNS }: MeasureOptions,
  context: Context,
): Promise<Timing[]> {
  const { imageSize } = network.config;
  const shape = [TIMED_IMAGES, imageSize, imageSize, 3];
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, at) => Math.sin(at));
  const { label, model, weights, seed } = side;
  let exact: Float32Array | undefined;
  const found: Timing[] = [];
  for (const precision of PRECISIONS) {
    context.log(`${label}, ${precision}: ${runs} forward passes of ${TIMED_IMAGES} images`);
    const source = { model, weights, seed };
    const timed = await timeForward(
      { source, precision, warmup: WARMUP, runs, images: { shape, data } },
      context.signal,
    );
    if ('unsupported' in timed) {
      context.log(`  skipped: ${timed.unsupported}`);
      continue;
    }
    exact ??= timed.output;
    const difference = relativeDifference(timed.output, exact);
    found.push({ label, precision, milliseconds: timed.milliseconds, megabytes: timed.peakBytes / 1e6, difference });
  }
  return found;
}

const percent = (hits: number, of: number): string => formatPercent(of === 0 ? 0 : hits / of, 1);

type Compared = { clip: Map<string, number[]>; resnet: Map<string, number[]> };

/** A row for each class: accuracies, and the images that only one of the two has in its top five. */
function classTable({ clip, resnet }: Compared, { names, labels }: ClassLabels): { csv: string; summary: string } {
  const inFive = (rank: number) => rank < 5;
  const rows = [...clip].map(([folder, ours]) => {
    const theirs = resnet.get(folder) ?? [];
    const [top1, top5] = [1, 5].map((k) => [ours, theirs].map((ranks) => ranks.filter((rank) => rank < k).length));
    const only = (mine: readonly number[], others: readonly number[]) =>
      mine.filter((rank, i) => inFive(rank) && !inFive(others[i] ?? 5)).length;
    return {
      ...{ name: names[labels.get(folder) ?? 0] ?? folder, images: ours.length, top1: top1 ?? [], top5: top5 ?? [] },
      ...{ onlyClip: only(ours, theirs), onlyResnet: only(theirs, ours) },
    };
  });
  const cells = rows.map(({ name, images, top1, top5, onlyClip, onlyResnet }) => [
    ...[name, images, ...top1.map((hits) => percent(hits, images)), ...top5.map((hits) => percent(hits, images))],
    ...[onlyClip, onlyResnet],
  ]);
  const ahead = rows.filter(({ top1: [ours = 0, theirs = 0] }) => ours > theirs).length;
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  const images = sum((row) => row.images);
  return {
    csv: toCsvText({
      columns: [
        ...['class', 'images', 'CLIP top-1 %', 'ResNet top-1 %', 'CLIP top-5 %', 'ResNet top-5 %'],
        ...['only CLIP in its top five', 'only ResNet in its top five'],
      ],
      rows: cells,
    }),
    summary: `CLIP has more images first on ${ahead} of ${rows.length} classes: top-1 ${percent(
      sum(({ top1 }) => top1[0] ?? 0),
      images,
    )} % against ${percent(
      sum(({ top1 }) => top1[1] ?? 0),
      images,
    )} % of ${images} images.`,
  };
}

function timingTable(timings: readonly Timing[]): string {
  return toCsvText({
    columns: ['network', 'precision', 'ms a batch, mean', 'sd', 'peak MB', 'difference from fp32'],
    rows: timings.map(({ label, precision, milliseconds, megabytes, difference }) => [
      ...[label, precision, mean(milliseconds).toFixed(1), standardDeviation(milliseconds).toFixed(1)],
      ...[megabytes.toFixed(0), difference.toExponential(1)],
    ]),
  });
}

/** Classifies the pictures of both sides, and times them. */
export async function compareNetworks(
  sides: { clip: Side; resnet: Side },
  { options, context }: MeasureInput,
): Promise<{ classes: { csv: string; summary: string } | null; timings: string }> {
  const { input, classes: list, vocabulary } = options;
  const open = (side: Side) => openNetworkOf({ ...side, interpolatePositions: false }, context);
  const [clip, resnet] = [await open(sides.clip), await open(sides.resnet)];
  try {
    let classes: { csv: string; summary: string } | null = null;
    if (input !== undefined) {
      if (!clip.clip) throw new UserError('--clip-model must be a model of the family clip', 'usage');
      const labels = await classLabels(await classFolders(input), { input, list, checkpoint: null });
      const { names } = labels;
      const { clip: towers } = clip;
      const prompts = await withTokenizer({ vocabulary }, 'CLIP', (tokenizer) =>
        promptClassifier(towers, { tokenizer, classes: names, prompts: 'seven' }),
      );
      const head = headClassifier(resnet, names.length, context.log);
      try {
        const of = { labels: labels.labels, input, context };
        classes = classTable(
          {
            clip: await ranksOf(sides.clip, clip, { ...of, classifier: prompts }),
            resnet: await ranksOf(sides.resnet, resnet, { ...of, classifier: head }),
          },
          labels,
        );
      } finally {
        prompts.dispose();
        head.dispose();
      }
    }
    const timings = [
      ...(await timingsOf(sides.clip, clip, options, context)),
      ...(await timingsOf(sides.resnet, resnet, options, context)),
    ];
    return { classes, timings: timingTable(timings) };
  } finally {
    clip.network.dispose();
    resnet.network.dispose();
  }
}
