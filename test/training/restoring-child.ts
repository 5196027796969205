/** Restores a learner many times: TensorFlow's threads release values that came from JavaScript. Then exits. */
import { resolveConfig } from '@ablate/contracts';
import { createLearner } from '@ablate/training';

const TIMES = 400;

const resolved = resolveConfig({
  dataset: { name: 'shapes10', samples: 64 },
  augment: 'none',
  model: { family: 'vit', patchSize: 16, width: 32, depth: 6, heads: 2 },
  train: { batchSize: 8, optimizer: { name: 'adamw', learningRate: 0.003 } },
});
if (!('config' in resolved)) throw new Error(JSON.stringify(resolved));
const batch = { images: new Float32Array(8 * 32 * 32 * 3).fill(0.5), labels: new Int32Array(8), count: 8 };
const learner = createLearner(resolved.config, { seed: 1 });
for (let step = 0; step < TIMES; step++) {
  learner.restore(learner.state());
  learner.evaluate(batch);
  learner.train(batch, { learningRate: 0.003, step });
}
learner.dispose();
