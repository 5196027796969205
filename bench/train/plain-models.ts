/** The measured models in plain tf.js ops, as its users write them. Nothing here comes from Ablate but the config. */
import type { ResnetModel, VitModel } from '@ablate/contracts';
import * as tf from '@tensorflow/tfjs-node-gpu';

type Forward = (images: tf.Tensor4D) => tf.Tensor2D;

const weights = (shape: number[], deviation = 0.02): tf.Variable =>
  tf.variable(tf.truncatedNormal(shape, 0, deviation));
const filled = (shape: number[], value: number, trainable = true): tf.Variable =>
  tf.variable(tf.fill(shape, value), trainable);

function dense(inputs: number, outputs: number): (x: tf.Tensor) => tf.Tensor {
  const weight = weights([inputs, outputs]);
  const bias = filled([outputs], 0);
  return (x) =>
    x
      .reshape([-1, inputs])
      .matMul(weight)
      .add(bias)
      .reshape([...x.shape.slice(0, -1), outputs]);
}

function layerNorm(width: number, epsilon: number): (x: tf.Tensor) => tf.Tensor {
  const gain = filled([width], 1);
  const bias = filled([width], 0);
  return (x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).mul(variance.add(epsilon).rsqrt()).mul(gain).add(bias);
  };
}

const gelu = (x: tf.Tensor): tf.Tensor => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));

function attention(width: number, heads: number): (x: tf.Tensor) => tf.Tensor {
  const size = width / heads;
  const qkv = dense(width, 3 * width);
  const project = dense(width, width);
  return (x) => {
    const [batch = 0, tokens = 0] = x.shape;
    const [q, k, v] = tf.unstack(qkv(x).reshape([batch, tokens, 3, heads, size]).transpose([2, 0, 3, 1, 4]));
    if (!q || !k || !v) throw new Error('queries, keys and values are three');
    const scores = tf.softmax(tf.matMul(q, k, false, true).mul(size ** -0.5));
    return project(tf.matMul(scores, v).transpose([0, 2, 1, 3]).reshape([batch, tokens, width]));
  };
}

/** A pre-norm ViT with a class token and learned positions. */
export function plainVit(model: VitModel): Forward {
  const { width, heads, patchSize, imageSize, depth, mlpRatio, layerNormEpsilon: epsilon, classes } = model;
  const tokens = (imageSize / patchSize) ** 2;
  const kernel = tf.variable(tf.truncatedNormal<tf.Rank.R4>([patchSize, patchSize, 3, width], 0, 0.02));
  const bias = filled([width], 0);
  const token = weights([1, 1, width]);
  const positions = weights([1, tokens + 1, width]);
  const blocks = Array.from({ length: depth }, () => {
    const [norm1, attend] = [layerNorm(width, epsilon), attention(width, heads)];
    const norm2 = layerNorm(width, epsilon);
    const [widen, narrow] = [dense(width, width * mlpRatio), dense(width * mlpRatio, width)];
    return (x: tf.Tensor): tf.Tensor => {
      const y = x.add(attend(norm1(x)));
      return y.add(narrow(gelu(widen(norm2(y)))));
    };
  });
  const norm = layerNorm(width, epsilon);
  const head = dense(width, classes);
  return (images) => {
    const [batch] = images.shape;
    const patches = tf.conv2d(images, kernel, patchSize, 'valid').add(bias).reshape([batch, tokens, width]);
    let x: tf.Tensor = tf.concat([token.tile([batch, 1, 1]), patches], 1).add(positions);
    for (const block of blocks) x = block(x);
    return head(norm(x).slice([0, 0, 0], [batch, 1, width]).reshape([batch, width])).as2D(batch, classes);
  };
}

function convolution(kernel: number, inputs: number, outputs: number, stride: number): (x: tf.Tensor4D) => tf.Tensor4D {
  const deviation = Math.sqrt(2 / (kernel * kernel * outputs));
  const filter = tf.variable(tf.truncatedNormal<tf.Rank.R4>([kernel, kernel, inputs, outputs], 0, deviation));
  return (x) => tf.conv2d(x, filter, stride, 'same');
}

function batchNorm(width: number): (x: tf.Tensor4D) => tf.Tensor4D {
  const [gain, bias] = [filled([width], 1), filled([width], 0)];
  const [runningMean, runningVariance] = [filled([width], 0, false), filled([width], 1, false)];
  return (x) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    runningMean.assign(runningMean.mul(0.9).add(mean.mul(0.1)));
    runningVariance.assign(runningVariance.mul(0.9).add(variance.mul(0.1)));
    return tf.batchNorm4d(x, mean.as1D(), variance.as1D(), bias.as1D(), gain.as1D(), 1e-5);
  };
}

function basicBlock(inputs: number, outputs: number, stride: number, kind: ResnetModel['shortcut']) {
  const [conv1, bn1] = [convolution(3, inputs, outputs, stride), batchNorm(outputs)];
  const [conv2, bn2] = [convolution(3, outputs, outputs, 1), batchNorm(outputs)];
  const same = stride === 1 && inputs === outputs;
  const project = same || kind === 'pad' ? null : convolution(1, inputs, outputs, stride);
  const projectNorm = project && batchNorm(outputs);
  const extra = (outputs - inputs) / 2;
  const shortcut = (x: tf.Tensor4D): tf.Tensor4D => {
    if (same) return x;
    if (project && projectNorm) return projectNorm(project(x));
    const subsampled = tf.avgPool(x, 1, stride, 'valid');
    return subsampled.pad([
      [0, 0],
      [0, 0],
      [0, 0],
      [extra, extra],
    ]);
  };
  return (x: tf.Tensor4D): tf.Tensor4D => {
    const y = bn2(conv2(tf.relu(bn1(conv1(x)))));
    return tf.relu(y.add(shortcut(x)));
  };
}

/** A ResNet of basic blocks with the 3×3 stem for CIFAR. */
export function plainResnet({ widths, depths, shortcut, classes }: ResnetModel): Forward {
  let inputs = widths[0] ?? 0;
  const [conv1, bn1] = [convolution(3, 3, inputs, 1), batchNorm(inputs)];
  const blocks: ((x: tf.Tensor4D) => tf.Tensor4D)[] = [];
  for (const [stage, depth] of depths.entries()) {
    const width = widths[stage] ?? 0;
    for (let index = 0; index < depth; index++) {
      blocks.push(basicBlock(inputs, width, stage > 0 && index === 0 ? 2 : 1, shortcut));
      inputs = width;
    }
  }
  const head = dense(inputs, classes);
  return (images) => {
    let x = tf.relu(bn1(conv1(images)));
    for (const block of blocks) x = block(x);
    return head(x.mean([1, 2])).as2D(images.shape[0], classes);
  };
}
