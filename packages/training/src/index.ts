/** The training of one run, from its data to its final figures. What does not need TensorFlow has exports of its own. */

export { restoreNewest, saveCheckpoint } from './checkpoints.ts';
export { Diverged, failureOf, Stopped } from './endings.ts';
export { codeVersion, describeEnvironment } from './environment.ts';
export { fit } from './fit.ts';
export { inspect } from './inspect.ts';
export { createLearner, decays, type Learner, trainingStep } from './learner.ts';
export { learningRate } from './schedule.ts';
export { newTrainingState } from './training-state.ts';
