/** Loads TensorFlow and multiplies two matrices, in a process of its own: an incompatible library kills it with a signal. */
import { checkDevice, describeDevice, hasGpu, tf } from '@ablate/engine';

const product = tf.tidy(
  () =>
    tf
      .ones([2, 3])
      .matMul(tf.ones([3, 2]))
      .dataSync()[0],
);
let problem: string | null = null;
try {
  checkDevice();
} catch (error) {
  problem = error instanceof Error ? error.message : String(error);
}
const found = { ...describeDevice(), product, gpu: hasGpu(), problem };
process.send?.(found, undefined, undefined, () => process.disconnect());
