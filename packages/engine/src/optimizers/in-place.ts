/** Updates of one parameter. In a graph each is one TensorFlow op that writes in place; eagerly it is composed of tf.js ops. */
import { currentRecording } from '../graph/recording.ts';
import { DT } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';

const T = { type: DT.float32 };

type AdamState = { variable: tf.Variable; m: tf.Variable; v: tf.Variable };
type AdamStep = { rate: tf.Tensor; beta1: number; beta2: number; epsilon: tf.Tensor };

/** m <- β1·m + (1 - β1)·g; v <- β2·v + (1 - β2)·g²; w <- w - rate·m / (sqrt(v) + ε). The caller corrects the bias. */
export function applyAdam(
  { variable, m, v }: AdamState,
  gradient: tf.Tensor,
  { rate, beta1, beta2, epsilon }: AdamStep,
): void {
  const recording = currentRecording();
  if (recording) {
    const powers = [tf.scalar(0), tf.scalar(0)]; // TensorFlow's own correction of the bias, switched off
    const inputs = [...powers, rate, tf.scalar(beta1), tf.scalar(beta2), epsilon, gradient];
    recording.update('ResourceApplyAdam', { T }, [variable, m, v], inputs);
    return;
  }
  m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
  v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
  variable.assign(tf.sub(variable, tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon))));
}

/** b <- μ·b + g; w <- w - rate·(nesterov ? g + μ·b : b). */
export function applyMomentum(
  { variable, velocity }: { variable: tf.Variable; velocity: tf.Variable },
  gradient: tf.Tensor,
  { rate, momentum, nesterov }: { rate: tf.Tensor; momentum: number; nesterov: boolean },
): void {
  const recording = currentRecording();
  if (recording) {
    const attributes = { T, use_nesterov: { b: nesterov } };
    recording.update('ResourceApplyMomentum', attributes, [variable, velocity], [rate, gradient, tf.scalar(momentum)]);
    return;
  }
  velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
  const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
  variable.assign(tf.sub(variable, tf.mul(direction, rate)));
}

/** w <- w - rate·g. */
export function applyDescent(variable: tf.Variable, gradient: tf.Tensor, rate: tf.Tensor): void {
  const recording = currentRecording();
  if (recording) recording.update('ResourceApplyGradientDescent', { T }, [variable], [rate, gradient]);
  else variable.assign(tf.sub(variable, tf.mul(gradient, rate)));
}
