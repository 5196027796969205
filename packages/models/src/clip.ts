/** CLIP with the ResNet image side: Radford et al. 2021 (arXiv:2103.00020). */
import type { ClipModel } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { clipText } from './clip-text.ts';
import { clipVisual } from './clip-visual.ts';
import { constant } from './initial.ts';
import type { Context } from './ops.ts';
import type { Scope } from './scope.ts';

export type Clip = {
  /** (B, S, S, 3) -> (B, embedding), not normalised. */
  imageFeatures: (images: tf.Tensor, context: Context) => tf.Tensor;
  /** Token ids (B, T), int32 -> (B, embedding), not normalised. */
  textFeatures: (tokens: tf.Tensor, context: Context) => tf.Tensor;
  /** Image features (B, E) and a classifier (E, K) of unit columns to logits (B, K): temperature times cosine. */
  logits: (features: tf.Tensor, classifier: tf.Tensor, context: Context) => tf.Tensor;
};

/** Each row to length one: (B, E) -> (B, E). */
export const normalised = (x: tf.Tensor): tf.Tensor => x.div(x.square().sum(-1, true).sqrt());

export function clip(s: Scope, model: ClipModel): Clip {
  const imageFeatures = clipVisual(s.at('visual'), model);
  const textFeatures = clipText(s, model);
  const scale = s.parameter('logit_scale', [], constant(Math.log(1 / 0.07)));
  return {
    imageFeatures: (images, context) => {
      const features = imageFeatures(images, context);
      context.look?.('features', features);
      return features;
    },
    textFeatures,
    logits: (features, classifier, { ops }) => ops.linear(normalised(features), classifier, null).mul(scale().exp()),
  };
}
