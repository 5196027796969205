/** tf.tidy for functions that return anything. */
import { tf } from './tf.ts';

/** Run `f`, and dispose every tensor that it made and did not keep. */
export function scoped<T>(f: () => T): T {
  tf.engine().startScope();
  try {
    return f();
  } finally {
    tf.engine().endScope();
  }
}
