/** Softmax cross-entropy from logits. */
import { float32, int32, ops } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

/** Labels (B) as rows of probabilities (B, K): PyTorch's smoothing, which spreads its share over all K classes. */
const softLabels = (labels: tf.Tensor, classes: number, smoothing: number) =>
  tf.add(tf.mul(tf.cast(tf.oneHot(labels, classes), 'float32'), 1 - smoothing), smoothing / classes);

/** Loss (B) and its slope (B, K). */
const lossOf = (logits: tf.Tensor, labels: tf.Tensor, smoothing: number): tf.Tensor[] =>
  smoothing === 0
    ? ops('SparseSoftmaxCrossEntropyWithLogits', { T: float32, Tlabels: int32 }, [logits, labels], 2)
    : ops(
        'SoftmaxCrossEntropyWithLogits',
        { T: float32 },
        [logits, softLabels(labels, logits.shape[1] ?? 1, smoothing)],
        2,
      );

/** Loss of each sample (B) from logits (B, K) and int32 labels (B) in [0, K). The labels take no gradient. */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor, smoothing = 0): tf.Tensor {
  const rows = logits.shape[0];
  if (logits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== rows || labels.dtype !== 'int32')
    throw new Error(
      `crossEntropy: logits [${logits.shape}] want int32 labels [${rows}], not ${labels.dtype} [${labels.shape}]`,
    );
  return withGradient(
    { logits },
    ({ logits }) => {
      const [loss, slope] = lossOf(logits, labels, smoothing);
      if (!loss || !slope) throw new Error('the cross-entropy op returned too little');
      return { value: loss, saved: { slope } };
    },
    (dy, { slope }) => ({ logits: tf.mul(slope, tf.reshape(dy, [-1, 1])) }),
  );
}
