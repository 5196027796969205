/** Records the table of bench/results/search-table.json: 24 configs × 10 seeds × 12 epochs of real training on CIFAR-10. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, Space, Spec, type TrainCommand } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { expand } from '@ablate/search';
import { describeEnvironment, fit } from '@ablate/training';
import { describeMachine } from '../train/machine.ts';
import { trainingData } from '../train/training-data.ts';
import { type RecordedTable, readTable, TABLE_FILE } from './recorded-table.ts';

const { values } = parseArgs({
  options: {
    configs: { type: 'string', default: '24' },
    first: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '10' },
    epochs: { type: 'string', default: '12' },
    samples: { type: 'string', default: '3000' },
    out: { type: 'string', default: TABLE_FILE },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`node --import tsx bench/search/record.ts [options]

  --configs N  of the 24 (24)
  --first N    first seed (1)
  --seeds N    last seed (10)
  --epochs N   (12)
  --samples N  training images of CIFAR-10, a third of them for validation (3000)
  --out FILE   the table (bench/results/search-table.json); runs in it are not repeated

Seeds outside, configs inside: an interrupted recording has trained every config equally often. Two cores take about an hour.`);
  process.exit(0);
}
const whole = (name: 'configs' | 'first' | 'seeds' | 'epochs' | 'samples'): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: must be a whole number of at least 1`);
  return value;
};
const [count, epochs, samples] = [whole('configs'), whole('epochs'), whole('samples')];

/** Two small models, with learning rates from too small to too large, two batch sizes and two augmentations. */
const SPACE = Space.parse({
  model: [
    { family: 'resnet', depths: [1, 1, 1], widths: [8, 16, 32] },
    { family: 'vit', patchSize: 8, width: 64, depth: 3, heads: 2, mlpRatio: 2 },
  ],
  'train.optimizer.learningRate': [0.0005, 0.002, 0.008],
  'train.batchSize': [32, 128],
  augment: ['none', 'basic'],
});
const settings = {
  dataset: { name: 'cifar10', samples, validation: 1 / 3 },
  train: { epochs, optimizer: { name: 'adamw' }, schedule: { name: 'cosine', warmupEpochs: 1 } },
};
const expansion = expand(Spec.parse({ version: 1, name: 'table', ...settings, space: SPACE }));
if ('complaints' in expansion) throw new Error(JSON.stringify(expansion.complaints));
const points = expansion.points.slice(0, count);

const file = resolve(values.out);
const known = readTable(file);
const table: RecordedTable = known ?? {
  machine: describeMachine({}),
  ...{ settings, space: SPACE, seeds: [], epochs },
  configs: points.map(({ axes }) => ({ axes, runs: [] })),
};
if (JSON.stringify(table.settings) !== JSON.stringify(settings) || table.configs.length !== points.length)
  throw new Error(`${file} was recorded with other settings: choose another --out`);

const environment = await describeEnvironment(REPOSITORY);

/** Trains one run as a worker's trainer does. */
async function train(config: Config, seed: number): Promise<{ validation: number[]; test: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'ablate-table-'));
  const command: TrainCommand = { type: 'train', runId: randomUUID(), attempt: 1, config, seed, folder, resume: [] };
  const validation: number[] = [];
  try {
    const stop = new AbortController().signal;
    for await (const event of fit(command, { data: trainingData(), checkpointSeconds: 3600, environment, stop })) {
      if (event.type === 'metrics')
        for (const { name, value } of event.rows)
          if (name === 'val/accuracy') validation.push(Number(value.toFixed(5)));
      if (event.type === 'failed') throw new Error(event.message);
      if (event.type === 'finished') return { validation, test: event.result.testAccuracy };
    }
    throw new Error('training ended without a result');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

for (let seed = whole('first'); seed <= whole('seeds'); seed++) {
  for (const [i, { config }] of points.entries()) {
    const { runs } = table.configs[i]!;
    if (runs.some((run) => run.seed === seed)) continue;
    const begun = performance.now();
    const figures = await train(config, seed);
    const seconds = Number(((performance.now() - begun) / 1000).toFixed(1));
    runs.push({ seed, ...figures, seconds });
    console.error(`seed ${seed}, config ${i}: ${figures.validation.at(-1)} on validation, ${seconds} s`);
    mkdirSync(dirname(file), { recursive: true });
    // Whole or not at all: an interrupted recording goes on from the file.
    writeFileSync(`${file}.part`, `${JSON.stringify(table)}\n`);
    await rename(`${file}.part`, file);
  }
  if (!table.seeds.includes(seed)) table.seeds.push(seed);
}
writeFileSync(file, `${JSON.stringify(table)}\n`);
