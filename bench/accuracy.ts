/** Accuracy of bf16 against fp32: both trained on real images with the same seeds, compared in pairs. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, Precision, type RunResult, resolveConfig, type TrainCommand } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { halfWidth, mean, standardDeviation } from '@ablate/statistics';
import { describeEnvironment, fit } from '@ablate/training';
import { z } from 'zod';
import { markdownTable } from './train/table.ts';
import { trainingData } from './train/training-data.ts';

const MODELS: Readonly<Record<string, { title: string; model: Record<string, unknown>; optimizer: string }>> = {
  resnet20: { title: 'ResNet-20', model: { preset: 'resnet20' }, optimizer: 'sgd' },
  vit: {
    title: 'ViT p8 d192 L6 h3',
    model: { family: 'vit', patchSize: 8, width: 192, depth: 6, heads: 3 },
    optimizer: 'adamw',
  },
};

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(MODELS).join(',') },
    precision: { type: 'string', default: Precision.options.join(',') },
    seeds: { type: 'string', default: '1,2,3' },
    dataset: { type: 'string', default: 'cifar10' },
    samples: { type: 'string', default: '10000' },
    epochs: { type: 'string', default: '8' },
    out: { type: 'string', default: resolve(REPOSITORY, 'bench/results/accuracy.json') },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- accuracy [options]

  --models     comma-separated, of ${Object.keys(MODELS).join(', ')} (all)
  --precision  comma-separated, of ${Precision.options.join(', ')} (both)
  --seeds      comma-separated (1,2,3)
  --dataset    name of a data set with images of 32×32 pixels (cifar10)
  --samples    training images, validation included (10000)
  --epochs     passes over them (8)
  --out        file of the results (bench/results/accuracy.json); runs in it with the same settings are not repeated

With the defaults, two cores take about half an hour.`);
  process.exit(0);
}

/** One run and its settings. */
const Row = z.strictObject({
  model: z.string(),
  precision: Precision,
  seed: z.int(),
  dataset: z.string(),
  samples: z.int(),
  epochs: z.int(),
  testAccuracy: z.number(),
  valAccuracy: z.number(),
  samplesPerSecond: z.number(),
  notes: z.array(z.string()),
  code: z.string(),
  measured: z.iso.datetime(),
});
type Row = z.infer<typeof Row>;

const file = resolve(values.out);
const rows = existsSync(file) ? z.array(Row).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
const environment = await describeEnvironment(REPOSITORY);
const [samples, epochs] = [Number(values.samples), Number(values.epochs)];
const { dataset } = values;

function configOf(model: Record<string, unknown>, optimizer: string, precision: Precision): Config {
  const resolved = resolveConfig({
    dataset: { name: dataset, samples },
    model: { imageSize: 32, classes: 10, ...model },
    train: { epochs, optimizer: { name: optimizer }, schedule: { name: 'cosine', warmupEpochs: 1 }, precision },
    augment: 'basic',
  });
  if ('config' in resolved) return resolved.config;
  throw new Error(resolved.complaints.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

/** Trains one run as a worker's trainer does. */
async function train(config: Config, seed: number): Promise<{ result: RunResult; notes: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'ablate-accuracy-'));
  const command: TrainCommand = { type: 'train', runId: randomUUID(), attempt: 1, config, seed, folder, resume: [] };
  const stop = new AbortController().signal;
  let notes: string[] = [];
  try {
    for await (const event of fit(command, { data: trainingData(), checkpointSeconds: 3600, environment, stop })) {
      if (event.type === 'started') notes = [...(event.compiled ? [] : ['not compiled']), ...event.notes];
      if (event.type === 'metrics') {
        const accuracy = event.rows.find(({ name }) => name === 'val/accuracy');
        console.error(`  epoch ${accuracy?.epoch} of ${epochs}: validation accuracy ${accuracy?.value.toFixed(4)}`);
      }
      if (event.type === 'failed') throw new Error(event.message);
      if (event.type === 'finished') return { result: event.result, notes };
    }
    throw new Error('training ended without a result');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const settings = { dataset, samples, epochs };
/** Rows of a model and precision with these settings. */
const rowsOf = (model: string, precision: Precision): Row[] =>
  rows.filter(
    (row) =>
      row.model === model &&
      row.precision === precision &&
      row.dataset === dataset &&
      row.samples === samples &&
      row.epochs === epochs,
  );

const names = values.models.split(',');
const precisions = values.precision.split(',').map((word) => Precision.parse(word));
const seeds = values.seeds.split(',').map(Number);

// Seeds outside, precisions inside: an interrupted bench has pairs.
for (const name of names)
  for (const seed of seeds)
    for (const precision of precisions) {
      const row = MODELS[name];
      if (!row) throw new Error(`--models: unknown model ${name}: use ${Object.keys(MODELS).join(', ')}`);
      const known = rowsOf(row.title, precision).some((old) => old.seed === seed);
      console.error(`${row.title}, ${precision}, seed ${seed}${known ? ': skipped, in the results' : ''}`);
      if (known) continue;
      const { result, notes } = await train(configOf(row.model, row.optimizer, precision), seed);
      const { testAccuracy, valAccuracy, samplesPerSecond } = result;
      const figures = { testAccuracy, valAccuracy, samplesPerSecond, notes, code: environment.code };
      rows.push({ model: row.title, precision, seed, ...settings, ...figures, measured: new Date().toISOString() });
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
    }

const points = (share: number): string => (100 * share).toFixed(2);
/** Test accuracy by seed, for the requested seeds. */
const accuracies = (model: string, precision: Precision): Map<number, number> =>
  new Map(
    rowsOf(model, precision)
      .filter(({ seed }) => seeds.includes(seed))
      .map(({ seed, testAccuracy }) => [seed, testAccuracy]),
  );

const lines = names.map((name) => {
  const model = MODELS[name]?.title ?? name;
  const [plain, reduced] = [accuracies(model, 'fp32'), accuracies(model, 'bf16')];
  const differences = [...plain].flatMap(([seed, accuracy]) => {
    const other = reduced.get(seed);
    return other === undefined ? [] : [other - accuracy];
  });
  const summary = (all: number[]): string =>
    all.length === 0 ? '–' : `${points(mean(all))} (sd ${points(standardDeviation(all))}, n ${all.length})`;
  const interval = halfWidth(differences);
  const verdict = Number.isNaN(interval)
    ? 'unknown: too few seeds'
    : differences.every((difference) => difference === 0)
      ? 'exactly 0: bf16 was not used'
      : Math.abs(mean(differences)) <= interval
        ? 'within noise'
        : 'more than noise';
  return [
    model,
    summary([...plain.values()]),
    summary([...reduced.values()]),
    `${points(mean(differences))} ± ${points(interval)}`,
    verdict,
  ];
});
console.log(
  `Test accuracy in percent on ${dataset}, ${samples} training images, ${epochs} epochs; ± is the 95 % interval of the mean paired difference (Student's t).\n`,
);
console.log(markdownTable(['model', 'fp32', 'bf16', 'bf16 − fp32, paired', 'the difference is'], lines));
