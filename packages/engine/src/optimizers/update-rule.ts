/** What an optimiser is: its slots, and how one parameter moves along its gradient. */
import type { tf } from '../tensorflow/tf.ts';

/** A parameter as an optimiser sees it; `decays` says whether weight decay touches it. */
export type Parameter = { name: string; variable: tf.Variable; decays: boolean };

export type UpdateRule = {
  /** State to keep and to save, by a name that is unique within the optimiser. */
  slots: Map<string, tf.Variable>;
  /** Called once a step, before any parameter moves; returns how to move one. `learningRate` is a float32 scalar. */
  begin(learningRate: tf.Tensor): (parameter: Parameter, gradient: tf.Tensor) => void;
};
