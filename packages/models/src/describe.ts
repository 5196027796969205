/** A model's parameters, without a tensor: names, shapes, and which are trained. */
import type { Model } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { clip } from './clip.ts';
import { crossvit } from './crossvit.ts';
import type { Context } from './ops.ts';
import { resnet } from './resnet.ts';
import { openScope, type Scope } from './scope.ts';
import { vit } from './vit.ts';

/** Images (B, S, S, 3), float32, to logits (B, classes); of CLIP, to image features (B, embedding). */
export type Forward = (images: tf.Tensor, context: Context) => tf.Tensor;

/** Declare a model in a scope. */
export function architecture(scope: Scope, model: Model): Forward {
  switch (model.family) {
    case 'vit':
      return vit(scope, model);
    case 'resnet':
      return resnet(scope, model);
    case 'crossvit':
      return crossvit(scope, model);
    case 'clip':
      return clip(scope, model).imageFeatures;
  }
}

export type ParameterShape = { shape: number[]; trainable: boolean };

/** Every parameter and buffer by the reference's name, in the order of the forward pass. Loads no TensorFlow. */
export function describeParameters(model: Model): Map<string, ParameterShape> {
  const { scope, declared } = openScope();
  architecture(scope, model);
  return new Map([...declared].map(([name, { shape, trainable }]) => [name, { shape, trainable }]));
}
