/** Loads TensorFlow and multiplies two matrices, in a process of its own: a library that does not fit this machine ends it with a signal. */
import { env } from 'node:process';
import { checkDevice, describeDevice, hasGpu, tf } from '@ablate/engine';

const product = tf.tidy(
  () =>
    tf
      .ones([2, 3])
      .matMul(tf.ones([3, 2]))
      .dataSync()[0],
);
let complaint: string | null = null;
try {
  checkDevice();
} catch (error) {
  complaint = error instanceof Error ? error.message : String(error);
}
const answer = { ...describeDevice(), product, gpu: hasGpu(), asked: env.ABLATE_DEVICE || 'auto', complaint };
process.send?.(answer, undefined, undefined, () => process.disconnect());
