/** How far apart two ways are that a symmetry says are one. */
import { tf } from '@ablate/engine';

export type SymmetryRow = {
  /** A layer or a network. */
  subject: string;
  /** What is done to its input. */
  action: string;
  /** equivariant: the output is acted on alike; invariant: it stays. */
  claim: 'equivariant' | 'invariant';
  /** Largest difference, relative to the largest absolute value of the output. */
  error: number;
  holds: boolean;
};

/** Errors below this are rounding. */
export const TOLERANCE = 1e-5;

type Act = (x: tf.Tensor) => tf.Tensor;

export type Claim = {
  subject: string;
  action: string;
  f: Act;
  input: () => tf.Tensor;
  act: Act;
  /** What the action does to the output, for equivariance; absent, invariance is claimed. */
  onOutput?: Act;
  /** The part of the output that is compared, such as what lies away from the border. */
  compare?: Act;
};

/** Measure a claim. Frees every tensor it makes. */
export function measure({ subject, action, f, input, act, onOutput, compare = (x) => x }: Claim): SymmetryRow {
  const error = tf.tidy(() => {
    const x = input();
    const one = compare(f(act(x)));
    const other = compare((onOutput ?? ((y) => y))(f(x)));
    const most = tf.max(tf.abs(other)).dataSync()[0] ?? 0;
    return (tf.max(tf.abs(tf.sub(one, other))).dataSync()[0] ?? Number.NaN) / (most || 1);
  });
  return { subject, action, claim: onOutput ? 'equivariant' : 'invariant', error, holds: error < TOLERANCE };
}
