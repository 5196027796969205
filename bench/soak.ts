/** Memory and tensors over many training steps: constant or growing. */
import { parseArgs } from 'node:util';
import { Config, Precision, resolveModel } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { createLearner } from '@ablate/training';
import { BATCHES, fillImages, labelsOf } from './train/workload.ts';

const MODELS: Readonly<Record<string, Record<string, unknown>>> = {
  vit: { family: 'vit', imageSize: 32, classes: 10, patchSize: 8, width: 64, depth: 2, heads: 2 },
  resnet: { family: 'resnet', imageSize: 32, classes: 10, depths: [1, 1, 1] },
};
/** Allowed growth, relative to the memory after the first tenth of the steps, when pools are filled. */
const ALLOWED_GROWTH = 0.03;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'vit' },
    precision: { type: 'string', default: 'fp32' },
    steps: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '32' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- soak [options]

  --model      ${Object.keys(MODELS).join(' or ')} (vit)
  --precision  ${Precision.options.join(' or ')} (fp32)
  --steps      training steps (2000)
  --batch      images in a batch (32)

Exits with 1 if memory or the number of tensors grows.`);
  process.exit(0);
}

const resolved = resolveModel(MODELS[values.model]);
if (!MODELS[values.model] || 'complaints' in resolved)
  throw new Error(`--model: use ${Object.keys(MODELS).join(' or ')}`);
const [steps, batchSize] = [Number(values.steps), Number(values.batch)];
const config = Config.parse({
  dataset: {},
  model: resolved.model,
  train: { batchSize, precision: Precision.parse(values.precision), ema: 0.99, clipNorm: 1 },
  augment: 'none',
});
const images = Array.from({ length: BATCHES }, (_, batch) =>
  fillImages(batch, new Float32Array(batchSize * 32 * 32 * 3)),
);

const learner = createLearner(config, { seed: 0 });
const seen: { step: number; mebibytes: number; tensors: number }[] = [];
const look = (step: number): void => {
  const mebibytes = process.memoryUsage.rss() / 2 ** 20;
  const { numTensors: tensors } = tf.memory();
  seen.push({ step, mebibytes, tensors });
  console.log(`step ${String(step).padStart(6)}: ${mebibytes.toFixed(0)} MiB resident, ${tensors} tensors`);
};

for (let step = 0; step < steps; step++) {
  const pixels = images[step % BATCHES];
  if (!pixels) throw new RangeError('no such batch');
  learner.train(
    { images: pixels, labels: labelsOf(step, batchSize, 10), count: batchSize },
    { learningRate: 1e-3, step },
  );
  if (step === 0 || (step + 1) % Math.ceil(steps / 10) === 0) look(step + 1);
}
learner.dispose();

const [settled, last] = [seen[1], seen.at(-1)];
if (!settled || !last || settled === last) throw new Error('--steps: too few to see a trend');
const grown = last.mebibytes / settled.mebibytes - 1;
const flat = grown <= ALLOWED_GROWTH && last.tensors === settled.tensors;
console.log(
  `${flat ? 'constant' : 'GROWING'}: from step ${settled.step} to ${last.step} memory changed by ${(100 * grown).toFixed(1)} %, tensors by ${last.tensors - settled.tensors}`,
);
process.exitCode = flat ? 0 : 1;
