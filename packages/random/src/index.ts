export { type CountedRandom, countedRandom, randomBlock } from './counted.ts';
export { drawBeta, drawDirichlet, shuffle } from './distributions.ts';
export { hashedUniform, hashPurpose, type RandomKey, randomKey } from './keys.ts';
