export { removeCheckpoint, removeStrays, sha256 } from './checkpoint-files.ts';
export { restoreBest, restoreNewest, saveCheckpoint } from './checkpoints.ts';
export { fit } from './fit.ts';
export { createLearner, decays, trainingStep } from './learner.ts';
export { learningRate } from './schedule.ts';
export { startStopwatch } from './stopwatch.ts';
export { Diverged, Stopped } from './training-ends.ts';
export { newTrainingState } from './training-state.ts';
