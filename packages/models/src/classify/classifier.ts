/** Images to logits, one a class: by a network's head, or by the prompts of a CLIP. */
import { UserError } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { observe, observePass } from '../inspect/observe.ts';
import type { Float } from '../inspect/tensor.ts';
import type { OpenNetwork } from '../open-network.ts';
import type { PromptSet } from '../text/prompts.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { zeroShotClassifier } from '../zero-shot.ts';

/** (N, S, S, 3), normalised -> logits (N, K). */
export type Classifier = (images: Float) => Float;

const logitsOf = (seen: ReadonlyMap<string, Float>): Float => {
  const logits = seen.get('logits');
  if (!logits) throw new Error('the network returned no logits');
  return logits;
};

/** A zero-shot classifier of a CLIP: the text features of each class's prompts are computed once. */
export function promptClassifier(
  clip: NonNullable<OpenNetwork['clip']>,
  texts: { tokenizer: Tokenizer; classes: readonly string[]; prompts: PromptSet },
): Classifier {
  const columns = observePass((pass) => ({ classifier: zeroShotClassifier({ network: clip, ...texts }, pass) })).get(
    'classifier',
  );
  if (!columns) throw new Error('the text side returned no classifier');
  return (images) =>
    logitsOf(
      observePass((pass) => {
        const features = clip.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), pass);
        return { logits: clip.logits(features, tf.tensor(columns.data, columns.shape, 'float32'), pass) };
      }),
    );
}

/** A classifier by the network's own head. @throws UserError if its number of classes is not `classes` */
export function headClassifier({ network }: Pick<OpenNetwork, 'network'>, classes: number): Classifier {
  const { config } = network;
  if (config.family !== 'clip' && config.classes !== classes)
    throw new UserError(
      `class mismatch: the model has ${config.classes} classes, the input has ${classes}. Give --classes, a file with a line for each output: \`name\`, or \`folder<TAB>name\``,
      'usage',
    );
  return (images) => logitsOf(observe(network, images, () => false));
}
