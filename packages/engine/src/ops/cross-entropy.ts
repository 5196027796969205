/** Softmax cross-entropy from logits. */
import { float32, int32, ops } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

/** PyTorch's smoothing of probabilities (B, K): spreads its share over all K classes. */
const smoothed = (targets: tf.Tensor, classes: number, smoothing: number) =>
  smoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - smoothing), smoothing / classes);

/** Loss (B) and its gradient (B, K) with respect to the logits. */
function lossOf(logits: tf.Tensor, labels: tf.Tensor, smoothing: number): tf.Tensor[] {
  const soft = labels.shape.length === 2;
  if (!soft && smoothing === 0)
    return ops('SparseSoftmaxCrossEntropyWithLogits', { T: float32, Tlabels: int32 }, [logits, labels], 2);
  const classes = logits.shape[1] ?? 1;
  const targets = soft ? labels : tf.cast(tf.oneHot(labels, classes), 'float32');
  return ops('SoftmaxCrossEntropyWithLogits', { T: float32 }, [logits, smoothed(targets, classes, smoothing)], 2);
}

/**
 * Loss of each sample (B) from logits (B, K) and either int32 labels (B) in [0, K) or soft ones: float32 probabilities (B, K), rows summing to 1.
 * The labels take no gradient.
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor, smoothing = 0): tf.Tensor {
  const [rows, classes] = logits.shape;
  const hard = labels.dtype === 'int32' && labels.shape.join() === `${rows}`;
  const soft = labels.dtype === 'float32' && labels.shape.join() === `${rows},${classes}`;
  if (logits.shape.length !== 2 || !(hard || soft))
    throw new Error(
      `crossEntropy: logits [${logits.shape}] need int32 labels [${rows}] or float32 ones [${rows},${classes}], not ${labels.dtype} [${labels.shape}]`,
    );
  return withGradient(
    { logits },
    ({ logits }) => {
      const [loss, slope] = lossOf(logits, labels, smoothing);
      if (!loss || !slope) throw new Error('the cross-entropy op returned too few outputs');
      return { value: loss, saved: { slope } };
    },
    (dy, { slope }) => ({ logits: tf.mul(slope, tf.reshape(dy, [-1, 1])) }),
  );
}
