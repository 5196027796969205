/** Measured process: Ablate's training step as in production (model, optimizer, statistics, all inputs). */
import { Config } from '@ablate/contracts';
import { describeDevice } from '@ablate/engine';
import { createLearner } from '@ablate/training';
import { serve } from './protocol.ts';
import { BATCHES, fillImages, labelsOf, Task } from './workload.ts';

const { model, optimizer, batchSize, precision } = Task.parse(JSON.parse(process.argv[2] ?? ''));
if (model.family === 'clip') throw new Error('clip has no classifier to train');
const { imageSize, classes } = model;

const batches = Array.from({ length: BATCHES }, (_, batch) => ({
  images: fillImages(batch, new Float32Array(batchSize * imageSize ** 2 * 3)),
  labels: labelsOf(batch, batchSize, classes),
  count: batchSize,
}));

await serve(performance.now(), { tensorflow: describeDevice().tensorflow }, () => {
  const config = Config.parse({ dataset: {}, model, train: { batchSize, optimizer, precision }, augment: 'none' });
  const learner = createLearner(config, { seed: 0 });
  return {
    step: (number) => {
      const batch = batches[number % BATCHES];
      if (!batch) throw new RangeError('no such batch');
      return learner.train(batch, { learningRate: optimizer.learningRate, step: number }).loss;
    },
    get notes() {
      return [...(learner.compiled ? [] : ['not compiled']), ...learner.notes];
    },
    end: () => learner.dispose(),
  };
});
