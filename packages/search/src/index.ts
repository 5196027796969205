export { type AugmentationSet, augmentationSets } from './augment-sets.ts';
export { type Expansion, expand, type Point } from './expand.ts';
export { readSpec, type SpecReading } from './read-spec.ts';
