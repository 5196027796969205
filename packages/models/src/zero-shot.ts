/** Classification by prompts: Radford et al. 2021 (arXiv:2103.00020), 3.1. */
import { tf } from '@ablate/engine';
import type { ClipNetwork } from './build.ts';
import { normalised } from './clip.ts';
import type { ForwardContext } from './ops.ts';
import { type PromptSet, promptsOf } from './text/prompts.ts';
import type { Tokenizer } from './text/tokenizer.ts';

type ZeroShot = { network: ClipNetwork; tokenizer: Tokenizer; classes: readonly string[]; prompts: PromptSet };

/**
 * A classifier (E, K) of unit columns: for each class, every prompt's features of length one, their mean, length one again.
 * The caller disposes it.
 */
export function zeroShotClassifier(
  { network, tokenizer, classes, prompts }: ZeroShot,
  context: ForwardContext,
): tf.Tensor {
  const { context: length } = network.config.text;
  const columns = classes.map((name) => {
    const texts = promptsOf(prompts, name);
    const tokens = tokenizer.tokenize(texts, { context: length });
    return tf.tidy(() => {
      const features = network.textFeatures(tf.tensor2d(tokens, [texts.length, length], 'int32'), context);
      return normalised(normalised(features).mean(0, true)).reshape([network.config.embedding]);
    });
  });
  const classifier = tf.stack(columns, 1);
  for (const column of columns) column.dispose();
  return classifier;
}
