/** Share of the training time that the step waits for its batch, on real images. */
import { parseArgs } from 'node:util';
import { AugmentSet, augmentOps, Config, Precision } from '@ablate/contracts';
import { defaultThreads, openDataset, openLoader, split } from '@ablate/data';
import { median } from '@ablate/statistics';
import { createLearner } from '@ablate/training';
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
    threads: { type: 'string', default: String(defaultThreads()) },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- waiting [options]

  --models     comma-separated, of ${Object.keys(WORKLOADS).join(', ')} (all)
  --precision  comma-separated, of ${Precision.options.join(', ')} (both)
  --augment    one of ${AugmentSet.options.join(', ')} (basic)
  --dataset    name of a data set with images of 32×32 pixels (cifar10)
  --steps      timed steps for each model and precision (20)
  --threads    threads that make batches ahead of the step; 0 for none (${defaultThreads()})`);
  process.exit(0);
}

const augment = augmentOps(AugmentSet.parse(values.augment));
const steps = Number(values.steps);
const dataset = await openDataset(values.dataset, trainingData());
if (dataset.note) console.error(dataset.note);

const threads = Number(values.threads);

type Times = { batch: number[]; step: number[] };
const sum = (times: number[]): number => times.reduce((total, one) => total + one, 0);

/** Milliseconds of waiting for each batch and of each step, except the first, which compiles. */
async function time(name: string, precision: Precision): Promise<Times> {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`unknown model ${name}: use one of ${Object.keys(WORKLOADS).join(', ')}`);
  const { model, optimizer } = workload;
  const config = Config.parse({ dataset: { name: values.dataset }, model, train: { optimizer, precision }, augment });
  const { batchSize } = config.train;
  const { train } = split(dataset, config.dataset);
  const batches = openLoader(
    dataset,
    { indices: train, batchSize, augment, seed: 0 },
    { threads, epochs: Number.POSITIVE_INFINITY },
  );
  const learner = createLearner(config, { seed: 0 });
  const took: Times = { batch: [], step: [] };
  try {
    for (let step = 0; step <= steps; step++) {
      const start = performance.now();
      const batch = await batches.batch(Math.floor(step / batches.perEpoch), step % batches.perEpoch);
      const made = performance.now();
      learner.train(batch, { learningRate: optimizer.learningRate, step });
      if (step === 0) continue;
      took.batch.push(made - start);
      took.step.push(performance.now() - made);
    }
  } finally {
    learner.dispose();
    await batches.close();
  }
  return took;
}

const lines: string[][] = [];
for (const precision of values.precision.split(',').map((word) => Precision.parse(word)))
  for (const name of values.models.split(',')) {
    console.error(`${name}, ${precision}: ${steps} steps`);
    const { batch, step } = await time(name, precision);
    const [waited, trained] = [sum(batch), sum(step)];
    lines.push([
      WORKLOADS[name]?.title ?? name,
      precision,
      median(batch).toFixed(2),
      median(step).toFixed(1),
      `${((100 * waited) / (waited + trained)).toFixed(2)} %`,
    ]);
  }
console.log(markdownTable(['model', 'precision', 'wait for a batch, ms', 'step, ms', 'share of time waiting'], lines));
