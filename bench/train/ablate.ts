/** Measured process: Ablate's training step as in production (model, optimizer, statistics, all inputs). */
import { Config } from '@ablate/contracts';
import type { Batch } from '@ablate/data';
import { describeDevice } from '@ablate/engine';
import { createLearner, type Learner } from '@ablate/training';
import { serve } from './protocol.ts';
import { BATCHES, fillImages, labelsOf, Task } from './workload.ts';

const { model, optimizer, batchSize, precision, evaluate } = Task.parse(JSON.parse(process.argv[2] ?? ''));
if (model.family === 'clip') throw new Error('clip has no classifier to train');
const { imageSize, classes } = model;

const batches = Array.from({ length: BATCHES }, (_, batch) => ({
  images: fillImages(batch, new Float32Array(batchSize * imageSize ** 2 * 3)),
  labels: labelsOf(batch, batchSize, classes),
  count: batchSize,
}));

/** The sum of the losses of a batch, in as large batches as a run evaluates. */
function lossOf(learner: Learner, { images, labels, count }: Batch): number {
  const bytes = imageSize ** 2 * 3;
  let sum = 0;
  for (let from = 0; from < count; from += learner.evaluationBatch) {
    const to = Math.min(count, from + learner.evaluationBatch);
    const part = { images: images.subarray(from * bytes, to * bytes), labels: labels.subarray(from, to) };
    sum += learner.evaluate({ ...part, count: to - from }).lossSum;
  }
  return sum;
}

await serve(performance.now(), { tensorflow: describeDevice().tensorflow }, () => {
  const config = Config.parse({ dataset: {}, model, train: { batchSize, optimizer, precision }, augment: 'none' });
  const learner = createLearner(config, { seed: 0 });
  return {
    step: (number) => {
      const batch = batches[number % BATCHES];
      if (!batch) throw new RangeError('no such batch');
      if (evaluate) return lossOf(learner, batch) / batchSize;
      return learner.train(batch, { learningRate: optimizer.learningRate, step: number }).loss;
    },
    get notes() {
      return [...(learner.compiled ? [] : ['not compiled']), ...learner.notes];
    },
    end: () => learner.dispose(),
  };
});
