/** Images to logits, one a class: by a network's head, or by the prompts of a CLIP. */
import { UserError } from '@ablate/contracts';
import { describeDevice, openProgram, tf } from '@ablate/engine';
import { observe, observePass } from '../inspect/observe.ts';
import type { Float } from '../inspect/tensor.ts';
import type { OpenNetwork } from '../open-network.ts';
import type { PromptSet } from '../text/prompts.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { zeroShotClassifier } from '../zero-shot.ts';

export type Classifier = {
  /** (N, S, S, 3), normalised -> logits (N, K). */
  logits: (images: Float) => Float;
  /** Frees what the classifier owns; the network stays. */
  dispose: () => void;
};

const logitsOf = (seen: ReadonlyMap<string, Float>): Float => {
  const logits = seen.get('logits');
  if (!logits) throw new Error('the network returned no logits');
  return logits;
};

const NOTHING = (): void => {};

/** A zero-shot classifier of a CLIP: the text features of each class's prompts are computed once. */
export function promptClassifier(
  clip: NonNullable<OpenNetwork['clip']>,
  texts: { tokenizer: Tokenizer; classes: readonly string[]; prompts: PromptSet },
): Classifier {
  const columns = observePass((pass) => ({ classifier: zeroShotClassifier({ network: clip, ...texts }, pass) })).get(
    'classifier',
  );
  if (!columns) throw new Error('the text side returned no classifier');
  const logits = (images: Float): Float =>
    logitsOf(
      observePass((pass) => {
        const features = clip.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), pass);
        return { logits: clip.logits(features, tf.tensor(columns.data, columns.shape, 'float32'), pass) };
      }),
    );
  return { logits, dispose: NOTHING };
}

type Evaluation = { precision: 'fp32' | 'bf16'; batchSize: number };

/**
 * Computes as a run's own test does: one compiled program, in the run's precision, over batches of the run's size, the last one
 * padded. So the figures are equal to the last image.
 */
function runClassifier({ network }: Pick<OpenNetwork, 'network'>, { precision, batchSize }: Evaluation): Classifier {
  const program = openProgram({
    variables: new Map([...network.parameters, ...network.buffers]),
    precision,
    functions: {
      classify: ({ images }) => {
        if (!images) throw new Error('classify needs images');
        const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
        return { logits: network.forward(images, { training: false, random }) };
      },
    },
  });
  const side = network.config.imageSize;
  const size = side * side * 3;
  const padded = new Float32Array(batchSize * size);
  const input = { images: { shape: [batchSize, side, side, 3], dtype: 'float32' as const, data: padded } };
  const logits = ({ shape, data }: Float): Float => {
    const [count = 0] = shape;
    const parts: Float32Array[] = [];
    for (let from = 0; from < count; from += batchSize) {
      const rows = Math.min(batchSize, count - from);
      padded.set(data.subarray(from * size, (from + rows) * size));
      padded.fill(0, rows * size);
      const out = Float32Array.from(program.run('classify', input).logits ?? []);
      parts.push(out.subarray(0, (out.length / batchSize) * rows));
    }
    const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return { dtype: 'F32', shape: [count, count === 0 ? 0 : joined.length / count], data: joined };
  };
  return { logits, dispose: () => program.dispose() };
}

/**
 * A classifier by the network's own head; with the weights of a run, in its precision if this machine supports that. `report`
 * receives a note if it does not.
 * @throws UserError if the network's number of classes is not `classes`
 */
export function headClassifier(
  { network, checkpoint }: Pick<OpenNetwork, 'network' | 'checkpoint'>,
  classes: number,
  report: (line: string) => void,
): Classifier {
  const { config } = network;
  if (config.family !== 'clip' && config.classes !== classes)
    throw new UserError(
      `class mismatch: the model has ${config.classes} classes, the input has ${classes}. Give --classes, a file with a line for each output: \`name\`, or \`folder<TAB>name\``,
      'usage',
    );
  const evaluation = checkpoint?.evaluation;
  if (!evaluation) return { logits: (images) => logitsOf(observe(network, images, () => false)), dispose: NOTHING };
  const { bf16Obstacle } = describeDevice();
  if (evaluation.precision === 'fp32' || bf16Obstacle === null) return runClassifier({ network }, evaluation);
  report(`note: the run evaluated in bf16; here it is fp32, so figures may differ (${bf16Obstacle})`);
  return runClassifier({ network }, { ...evaluation, precision: 'fp32' });
}
