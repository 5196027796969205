/** From a config to a network: parameters with their initial values, and the forward pass over them. */
import type { ClipModel, Model } from '@ablate/contracts';
import * as ops from '@ablate/engine';
import { tf } from '@ablate/engine';
import { countedRandom, randomKey } from '@ablate/random';
import { clip } from './clip.ts';
import { architecture } from './describe.ts';
import type { Context, ForwardContext } from './ops.ts';
import { type Declaration, openScope, type Scope } from './scope.ts';

/** The seed of the initial values; null leaves trained values at zero, for weights that are loaded right after. */
type Start = { seed: number | null };

/** A network's values. It owns them until `dispose`. */
type Values = {
  /** Trained values by the reference's name. */
  parameters: Map<string, tf.Variable>;
  /** Running statistics and fixed tables by the reference's name. */
  buffers: Map<string, tf.Variable>;
  /** Frees every variable. */
  dispose: () => void;
};

export type Network = Values & {
  config: Model;
  /** Images (B, S, S, 3), float32, to logits (B, classes); of CLIP, to image features (B, embedding). Call it inside a tidy. */
  forward: (images: tf.Tensor, context: ForwardContext) => tf.Tensor;
};

export type ClipNetwork = Network & {
  config: ClipModel;
  /** (B, S, S, 3) -> (B, embedding), not normalised. */
  imageFeatures: (images: tf.Tensor, context: ForwardContext) => tf.Tensor;
  /** Token ids (B, T), int32 -> (B, embedding), not normalised. */
  textFeatures: (tokens: tf.Tensor, context: ForwardContext) => tf.Tensor;
  /** Image features (B, E) and a classifier (E, K) of unit columns to logits (B, K): temperature times cosine. */
  logits: (features: tf.Tensor, classifier: tf.Tensor, context: ForwardContext) => tf.Tensor;
};

/** Initial values depend on the seed and the parameter's name alone, not on the order in which models are built. */
function initialValues(name: string, { shape, trainable, initial }: Declaration, seed: number | null): Float32Array {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  if (seed !== null || !trainable) initial(values, countedRandom(randomKey(seed ?? 0, `initial value of ${name}`)));
  return values;
}

/** Declare a model in a new scope and give every parameter its initial value. */
function withValues<T>(declare: (scope: Scope) => T, { seed }: Start): [T, Values] {
  const { scope, declared, bind } = openScope();
  const result = declare(scope);
  const parameters = new Map<string, tf.Variable>();
  const buffers = new Map<string, tf.Variable>();
  for (const [name, declaration] of declared) {
    const { shape, trainable } = declaration;
    const variable = tf.tidy(() =>
      tf.variable(tf.tensor(initialValues(name, declaration, seed), shape, 'float32'), trainable),
    );
    bind(name, variable);
    (trainable ? parameters : buffers).set(name, variable);
  }
  const dispose = (): void => {
    for (const variable of [...parameters.values(), ...buffers.values()]) variable.dispose();
  };
  return [result, { parameters, buffers, dispose }];
}

const full = (context: ForwardContext): Context => ({ ...context, ops });

/** Build a network. The config must have passed `modelComplaints`. */
export function buildModel(config: Model, start: Start): Network {
  const [forward, values] = withValues((scope) => architecture(scope, config), start);
  return { config, ...values, forward: (images, context) => forward(images, full(context)) };
}

/** Build a CLIP, both sides. */
export function buildClip(config: ClipModel, start: Start): ClipNetwork {
  const [sides, values] = withValues((scope) => clip(scope, config), start);
  const imageFeatures = (images: tf.Tensor, context: ForwardContext) => sides.imageFeatures(images, full(context));
  return {
    config,
    ...values,
    forward: imageFeatures,
    imageFeatures,
    textFeatures: (tokens, context) => sides.textFeatures(tokens, full(context)),
    logits: (features, classifier, context) => sides.logits(features, classifier, full(context)),
  };
}
