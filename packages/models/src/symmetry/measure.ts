/** The difference between two computations that a symmetry makes equal. */
import { tf } from '@ablate/engine';

export type SymmetryRow = {
  /** A layer or a network. */
  subject: string;
  /** The transformation of its input. */
  action: string;
  /** equivariant: the output transforms alike; invariant: it does not change. */
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
  /** The action on the output, for equivariance; invariance is claimed if absent. */
  onOutput?: Act;
  /** Selects the part of the output that is compared, such as the part away from the border. */
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
