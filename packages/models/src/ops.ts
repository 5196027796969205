/** What a forward pass computes with. Types only: an architecture can be described where TensorFlow is not installed. */
import type * as engine from '@ablate/engine';
import type { tf } from '@ablate/engine';

/** The engine's operations, handed to every layer with the context. */
export type Ops = Pick<
  typeof engine,
  | 'avgPool2d'
  | 'batchMatMul'
  | 'batchNorm'
  | 'conv2d'
  | 'dropPath'
  | 'dropout'
  | 'gelu'
  | 'layerNorm'
  | 'linear'
  | 'maxPool2d'
  | 'quickGelu'
  | 'relu'
  | 'rmsNorm'
  | 'softmax'
  | 'tf'
>;

export type ForwardContext = {
  training: boolean;
  /** The numbers that dropout masks are counted from; read in training only. */
  random: engine.Random;
  /** Receives attention maps and features by name. The tensors live no longer than the pass: read them inside, or keep them. */
  look?: (name: string, value: tf.Tensor) => void;
  /** Receives the last map of a ResNet, or the tokens that enter the last block or stage, by name; the pass goes on from what it returns. */
  replace?: (name: string, value: tf.Tensor) => tf.Tensor;
};

export type Context = ForwardContext & { ops: Ops };

export type Layer = (x: tf.Tensor, context: Context) => tf.Tensor;

/** Layers in sequence. */
export const chain =
  (...layers: Layer[]): Layer =>
  (x, context) =>
    layers.reduce((value, layer) => layer(value, context), x);

export const identity: Layer = (x) => x;
export const relu: Layer = (x, { ops }) => ops.relu(x);
export const gelu: Layer = (x, { ops }) => ops.gelu(x);
