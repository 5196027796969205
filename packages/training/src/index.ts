/** The training of one run, from its data to its final figures, and the trainer's end of its protocol. */
export { removeCheckpoint, removeStrays } from './checkpoint-files.ts';
export { restoreBest, restoreNewest, saveCheckpoint } from './checkpoints.ts';
export { Diverged, failureOf, Stopped } from './endings.ts';
export { describeEnvironment } from './environment.ts';
export { fit } from './fit.ts';
export { createLearner, decays } from './learner.ts';
export { learningRate } from './schedule.ts';
export { serveTraining } from './serve.ts';
export { startStopwatch } from './stopwatch.ts';
export { newTrainingState } from './training-state.ts';
