/** CLIP's zero-shot ResNet-50 against an ImageNet ResNet-50: architectures, classes, precision. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Model, UserError } from '@ablate/contracts';
import { clipVisualLayers, layerCost, modelLayers } from '@ablate/models/count';
import { readModel } from '@ablate/models/model-file';
import { toCsvText } from '@ablate/studies';
import type { Side } from './compare-networks.ts';
import type { Measured, MeasureInput, MeasureOptions } from './measure.ts';

function sidesOf(options: MeasureOptions): { clip: Side; resnet: Side; pretrained: boolean } | null {
  const { clip, resnet, clipModel = 'clip_rn50', resnetModel = 'resnet50', seed } = options;
  const given = [clip, resnet].filter((path) => path !== undefined).length;
  if (given === 0 && seed === undefined) return null;
  if (given === 1)
    throw new UserError('give both --clip and --resnet, or neither and a --seed for random weights', 'usage');
  const source = (weights: string | undefined) => (weights === undefined ? { seed } : { weights });
  return {
    clip: { label: 'CLIP', model: clipModel, preprocess: 'clip', ...source(clip) },
    resnet: { label: 'ImageNet ResNet', model: resnetModel, preprocess: 'imagenet', ...source(resnet) },
    pretrained: given === 2,
  };
}

/** The SHA-256 of a file. @throws UserError if it cannot be read, or is not `expected` */
async function hashOf(path: string, expected: string | undefined): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((error: Error) => {
    throw new UserError(`cannot read the weights ${path}: ${error.message}`, 'usage');
  });
  const found = hash.digest('hex');
  if (expected !== undefined && found !== expected.toLowerCase())
    throw new UserError(`${path} has the SHA-256 ${found}, not ${expected}: download it again`, 'usage');
  return found;
}

/** The part of a network that a layer belongs to, by the first words of its name. */
const partOf = (name: string): string => {
  const [first = ''] = name.replace(/^visual\./, '').split('.');
  return /^(conv|bn|relu|maxpool|avgpool|pool)/.test(first) ? 'stem and pools' : first;
};

/** Both architectures, part by part. */
function architectures(clip: Model, resnet: Model): string {
  const parts = new Map<string, (number | '')[]>();
  const add = (layers: ReturnType<typeof modelLayers>, side: 0 | 1) => {
    for (const layer of layers) {
      const row = parts.get(partOf(layer.name)) ?? ['', '', '', '', '', ''];
      const { parameters, macs } = layerCost(layer);
      const weighted = layer.kind === 'convolution' || layer.kind === 'linear' ? 1 : 0;
      for (const [i, value] of [weighted, parameters, macs].entries())
        row[3 * side + i] = Number(row[3 * side + i] ?? 0) + value;
      parts.set(partOf(layer.name), row);
    }
  };
  if (clip.family === 'clip') add(clipVisualLayers(clip), 0);
  add(modelLayers(resnet), 1);
  const side = (name: string) => [`${name} weighted layers`, `${name} parameters`, `${name} MMAC`];
  const rows = [...parts].map(([part, row]) => [
    part,
    ...row.map((value, i) => (value !== '' && i % 3 === 2 ? Number((value / 1e6).toFixed(1)) : value)),
  ]);
  return toCsvText({ columns: ['part', ...side('CLIP'), ...side('ResNet')], rows });
}

export async function measureClip(input: MeasureInput): Promise<Measured> {
  const { options } = input;
  const { clipModel = 'clip_rn50', resnetModel = 'resnet50' } = options;
  const sides = sidesOf(options);
  const files: Measured = new Map();
  const say = (...sentences: string[]) =>
    files.set('summary.csv', toCsvText({ columns: ['sentence'], rows: sentences.map((line) => [line]) }));
  files.set('architectures-part-by-part.csv', architectures(await readModel(clipModel), await readModel(resnetModel)));
  if (sides === null) {
    say('Not run with pretrained weights: only the architectures are compared.');
    return files;
  }
  const { pretrained } = sides;
  const weights = await Promise.all(
    (
      [
        [sides.clip, options.clipSha256],
        [sides.resnet, options.resnetSha256],
      ] as const
    ).map(async ([side, expected]) => [
      side.label,
      side.weights === undefined ? `random values of seed ${side.seed}` : await hashOf(side.weights, expected),
    ]),
  );
  files.set('weights.csv', toCsvText({ columns: ['network', 'SHA-256 of the weights'], rows: weights }));
  const { compareNetworks } = await import('./compare-networks.ts');
  const { classes, timings } = await compareNetworks(sides, input);
  if (classes) files.set('classes.csv', classes.csv);
  files.set('time-and-memory.csv', timings);
  say(
    ...(pretrained ? [] : ['Not run with pretrained weights: accuracies are of random values and mean nothing.']),
    ...(pretrained && classes ? [classes.summary] : []),
    ...(pretrained && !classes ? ['No pictures were given: --input compares the classes.'] : []),
  );
  return files;
}
