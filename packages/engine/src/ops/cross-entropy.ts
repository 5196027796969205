/** Softmax cross-entropy from logits. */
import { float32, int32, ops } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { at, withGradient } from './gradient.ts';

/** Labels (B) as rows of probabilities (B, K): PyTorch's smoothing, which spreads its share over all K classes. */
const softLabels = (labels: tf.Tensor, classes: number, smoothing: number) =>
  tf.add(tf.mul(tf.cast(tf.oneHot(labels, classes), 'float32'), 1 - smoothing), smoothing / classes);

/** Loss of each sample (B) from logits (B, K) and int32 labels (B) in [0, K). The labels take no gradient. */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor, smoothing = 0): tf.Tensor {
  const [rows = 0, classes = 0] = logits.shape;
  if (logits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== rows || labels.dtype !== 'int32')
    throw new Error(
      `crossEntropy: logits [${logits.shape}] want int32 labels [${rows}], not ${labels.dtype} [${labels.shape}]`,
    );
  return withGradient([logits], () => {
    const [loss, slope] =
      smoothing === 0
        ? ops('SparseSoftmaxCrossEntropyWithLogits', { T: float32, Tlabels: int32 }, [logits, labels], 2)
        : ops('SoftmaxCrossEntropyWithLogits', { T: float32 }, [logits, softLabels(labels, classes, smoothing)], 2);
    if (!loss || !slope) throw new Error('the cross-entropy op returned too little');
    return {
      value: loss,
      saved: [slope],
      gradient: (dy, saved) => [tf.mul(at(saved, 0), tf.reshape(dy, [-1, 1]))],
    };
  });
}
