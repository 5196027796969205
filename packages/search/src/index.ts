export { type AugmentationSet, augmentationSets } from './augment-sets.ts';
export type { PointerComplaint } from './complaints.ts';
export { type Expansion, expand, type Point } from './expand.ts';
