/** The only module that imports tf.js: every other module takes `tf` from here. */
import './load.ts';
import * as tf from '@tensorflow/tfjs-node-gpu';

export { tf };

/** Run `f`, and dispose every tensor that it made and did not keep: `tf.tidy` for functions that return anything. */
export function scoped<T>(f: () => T): T {
  tf.engine().startScope();
  try {
    return f();
  } finally {
    tf.engine().endScope();
  }
}
