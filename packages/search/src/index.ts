export { type AugmentationSet, augmentationSets } from './augment-sets.ts';
export type { CompareProblem } from './decide/compare.ts';
export { decide, openSearch, type Problem } from './decide/decide.ts';
export { type FindProblem, mostConfirmed } from './decide/find.ts';
export { brackets } from './decide/hyperband.ts';
export type { PbtProblem } from './decide/pbt.ts';
export { epochsAt, equalRungs, hyperbandRungs, type Rung, rungsOf } from './decide/rungs.ts';
export { type Simulation, simulate, type Task } from './decide/simulate.ts';
export type { Domain } from './domain.ts';
export { type Expansion, expand, type Point } from './expand.ts';
export { fixedPart } from './mid-training.ts';
export { readSpec, type SpecReading } from './read-spec.ts';
export { ask, type Sampler } from './sample/ask.ts';
export { mostPoints } from './sample/auto.ts';
export { mostPromising } from './sample/gp/gp.ts';
export { logImprovement } from './sample/gp/improvement.ts';
export { propose } from './sample/gp/propose.ts';
export {
  condition,
  fitKernel,
  kernelLoss,
  type Observation,
  pairDistances,
  unitKernel,
} from './sample/gp/regression.ts';
export { warp } from './sample/gp/warp.ts';
export { radicalInverse } from './sample/halton.ts';
export { locate } from './sample/locate.ts';
export { kendallDistance, mallows } from './sample/mallows.ts';
export { parzen } from './sample/parzen.ts';
export { openSampleSpace, type SampleSpace } from './sample/sample-space.ts';
export { sobol, sobolDigits } from './sample/sobol.ts';
export { splitTrials } from './sample/tpe.ts';
export type { Trial } from './sample/trial.ts';
export { readSubspaces } from './space.ts';
export { lengthOf, openSpecSpace, type SpecSpace } from './spec-space.ts';
export { specOfWandb, WandbError } from './wandb.ts';
