/** Forward passes of CLIP's two sides. */
import { tf } from '@ablate/engine';
import type { ClipNetwork } from '../build.ts';
import { normalised } from '../clip.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { gatherTensors } from '../weights/tensors-file.ts';
import { observePass } from './observe.ts';
import type { Float } from './tensor.ts';

type Wants = (name: string) => boolean;

/** `text_features` (texts, E), and the values of the text side that `wants` selects; `batch` texts in one pass. */
export function clipTexts(
  clip: ClipNetwork,
  { tokenizer, texts, batch, wants }: { tokenizer: Tokenizer; texts: readonly string[]; batch: number; wants: Wants },
): Map<string, Float> {
  const { context: length } = clip.config.text;
  const gathered = gatherTensors();
  for (let from = 0; from < texts.length; from += batch) {
    const part = texts.slice(from, from + batch);
    const tokens = tf.tensor2d(tokenizer.tokenize(part, { context: length }), [part.length, length], 'int32');
    gathered.add(observePass((pass) => ({ text_features: clip.textFeatures(tokens, pass) }), wants));
    tokens.dispose();
  }
  return gathered.joined();
}

/** `image_features` (N, E), and with `texts` (texts, E) the `logits` (N, texts): temperature times cosine. */
export function clipImages(
  clip: ClipNetwork,
  images: Float,
  { texts, wants }: { texts?: Float; wants?: Wants } = {},
): Map<string, Float> {
  return observePass((pass) => {
    const features = clip.imageFeatures(tf.tensor(images.data, images.shape, 'float32'), pass);
    const classifier = texts && normalised(tf.tensor(texts.data, texts.shape, 'float32')).transpose();
    return { image_features: features, ...(classifier && { logits: clip.logits(features, classifier, pass) }) };
  }, wants);
}
