/** Measured process: plain tf.js code with the optimizers of tf.train, on the same TensorFlow. */
import '../../packages/engine/src/tensorflow/util-compatibility.ts';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { plainResnet, plainVit } from './plain-models.ts';
import { serve } from './protocol.ts';
import { BATCHES, fillImages, labelsOf, Task } from './workload.ts';

const { model, optimizer: settings, batchSize } = Task.parse(JSON.parse(process.argv[2] ?? ''));
if (model.family !== 'vit' && model.family !== 'resnet') throw new Error(`${model.family} is not measured`);
const { imageSize, classes } = model;

const images = Array.from({ length: BATCHES }, (_, batch) =>
  tf.tensor4d(fillImages(batch, new Float32Array(batchSize * imageSize ** 2 * 3)), [
    batchSize,
    imageSize,
    imageSize,
    3,
  ]),
);
const labels = Array.from({ length: BATCHES }, (_, batch) =>
  tf.oneHot(tf.tensor1d(labelsOf(batch, batchSize, classes), 'int32'), classes),
);

await serve(performance.now(), { 'tfjs-node': tf.version_core }, () => {
  const forward = model.family === 'vit' ? plainVit(model) : plainResnet(model);
  const optimizer =
    settings.name === 'sgd'
      ? tf.train.momentum(settings.learningRate, settings.momentum)
      : tf.train.adam(settings.learningRate, settings.beta1, settings.beta2, settings.epsilon);
  return {
    step: (number) => {
      const [x, y] = [images[number % BATCHES], labels[number % BATCHES]];
      if (!x || !y) throw new RangeError('no such batch');
      const cost = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward(x)).asScalar(), true);
      const loss = cost?.dataSync()[0] ?? Number.NaN;
      cost?.dispose();
      return loss;
    },
    notes: ['tf.train has no weight decay: none is applied'],
    end: () => tf.disposeVariables(),
  };
});
