export { type CountedRandom, countedRandom, type RandomKey, randomBlock, randomKey } from './counted.ts';
export { drawBeta, drawDirichlet, drawGamma } from './distributions.ts';
export { shuffle } from './shuffle.ts';
