/** Share of the training time in which the step waits for its batch, on real images. */
import { parseArgs } from 'node:util';
import { AugmentSet, augmentOps, Config, Precision } from '@ablate/contracts';
import { openDataset, split, trainBatches } from '@ablate/data';
import { createLearner } from '../apps/worker/src/learner.ts';
import { median } from './train/statistics.ts';
import { markdownTable } from './train/table.ts';
import { trainingData } from './train/training-data.ts';
import { WORKLOADS } from './train/workload.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(WORKLOADS).join(',') },
    precision: { type: 'string', default: Precision.options.join(',') },
    augment: { type: 'string', default: 'basic' },
    dataset: { type: 'string', default: 'cifar10' },
    steps: { type: 'string', default: '20' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- waiting [options]

  --models     comma-separated, of ${Object.keys(WORKLOADS).join(', ')} (all)
  --precision  comma-separated, of ${Precision.options.join(', ')} (both)
  --augment    one of ${AugmentSet.options.join(', ')} (basic)
  --dataset    name of a data set of 32×32 pixels (cifar10)
  --steps      timed steps of each (20)`);
  process.exit(0);
}

const augment = augmentOps(AugmentSet.parse(values.augment));
const steps = Number(values.steps);
const dataset = await openDataset(values.dataset, trainingData());
if (dataset.note) console.error(dataset.note);

type Times = { batch: number[]; step: number[] };
const sum = (times: number[]): number => times.reduce((total, one) => total + one, 0);

/** Milliseconds of making each batch and of each step, after the first, which compiles. */
function time(name: string, precision: Precision): Times {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`there is no model ${name}: take one of ${Object.keys(WORKLOADS).join(', ')}`);
  const { model, optimizer } = workload;
  const config = Config.parse({ dataset: { name: values.dataset }, model, train: { optimizer, precision }, augment });
  const { batchSize } = config.train;
  const { train } = split(dataset, config.dataset);
  const batches = trainBatches(dataset, { indices: train, batchSize, augment, seed: 0 });
  const learner = createLearner(config, { seed: 0 });
  const took: Times = { batch: [], step: [] };
  try {
    for (let step = 0; step <= steps; step++) {
      const start = performance.now();
      const batch = batches.batch(Math.floor(step / batches.perEpoch), step % batches.perEpoch);
      const made = performance.now();
      learner.train(batch, { learningRate: optimizer.learningRate, step });
      if (step === 0) continue;
      took.batch.push(made - start);
      took.step.push(performance.now() - made);
    }
  } finally {
    learner.dispose();
  }
  return took;
}

const lines: string[][] = [];
for (const precision of values.precision.split(',').map((word) => Precision.parse(word)))
  for (const name of values.models.split(',')) {
    console.error(`${name}, ${precision}: ${steps} steps`);
    const { batch, step } = time(name, precision);
    const [waited, trained] = [sum(batch), sum(step)];
    lines.push([
      WORKLOADS[name]?.title ?? name,
      precision,
      median(batch).toFixed(2),
      median(step).toFixed(1),
      `${((100 * waited) / (waited + trained)).toFixed(2)} %`,
    ]);
  }
console.log(markdownTable(['model', 'precision', 'batch made, ms', 'step, ms', 'share of time waiting'], lines));
