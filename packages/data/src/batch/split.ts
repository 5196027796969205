/** Splits training images into training and validation. */
import { trainingImages } from '@ablate/contracts';
import { countedRandom, randomKey, shuffle } from '@ablate/random';
import { type Dataset, DatasetError, type ImageSet } from '../dataset.ts';

export type Split = {
  /** Indices into the training set. */
  train: Int32Array;
  /** Indices into `heldOut`. */
  validation: Int32Array;
  /** The set that the validation images belong to: the data set's own validation set, else its training set. */
  heldOut: ImageSet;
};

/** Picks classes one by one so that in every prefix each class has its proportional share. */
function takeTurns(sizes: readonly number[], left: number[]): () => number {
  const total = sizes.reduce((a, b) => a + b, 0);
  const taken = sizes.map(() => 0);
  let turn = 0;
  return () => {
    turn++;
    let best = -1;
    let want = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < sizes.length; c++) {
      const due = (sizes[c]! * turn) / total - taken[c]!;
      if (left[c]! > 0 && due > want) {
        want = due;
        best = c;
      }
    }
    taken[best]!++;
    left[best]!--;
    return best;
  };
}

/**
 * Choose training images, and hold out a share of them for validation. Both are stratified by class and nested: with the same seed
 * and share, a smaller choice is a prefix of a larger one, so that curves over data set size compare like with like. The test set
 * is never used. If the data set has its own validation images, all of them are used, and every sample is trained on.
 * @throws DatasetError if there are fewer images than `samples`, or none left to train on
 */
export function split(
  { name, train, validation: given }: Pick<Dataset, 'train' | 'validation'> & { name?: string },
  { samples = train.count, validation, splitSeed }: { samples?: number; validation: number; splitSeed: number },
): Split {
  const { labels, count } = train;
  const of = name === undefined ? '' : ` of ${name}`;
  if (samples > count) throw new DatasetError(`dataset.samples ${samples} exceeds the ${count} training images${of}`);
  const heldOf = (picked: number) => (given ? 0 : picked - trainingImages(picked, validation));
  const held = heldOf(samples);
  if (held >= samples)
    throw new DatasetError(`dataset.validation ${validation} of ${samples} samples${of} leaves no training images`);

  const members: number[][] = Array.from({ length: 1 + labels.reduce((a, b) => Math.max(a, b), 0) }, () => []);
  for (let i = 0; i < count; i++) members[labels[i]!]!.push(i);
  const key = randomKey(splitSeed, 'split');
  const pools = members.map((pool, label) => shuffle(Int32Array.from(pool), countedRandom(key, [label, 0])));

  // One sequence of picks for every `samples`: training images from the front of each class, validation images from its back.
  const sizes = pools.map((pool) => pool.length);
  const left = [...sizes];
  const front = sizes.map(() => 0);
  const back = [...sizes];
  const nextTrain = takeTurns(sizes, left);
  const nextValidation = takeTurns(sizes, left);
  const chosen = { train: new Int32Array(samples - held), validation: new Int32Array(held) };
  for (let picked = 0, trained = 0; picked < samples; picked++)
    if (heldOf(picked + 1) > picked - trained) {
      const label = nextValidation();
      chosen.validation[picked - trained] = pools[label]![--back[label]!]!;
    } else {
      const label = nextTrain();
      chosen.train[trained++] = pools[label]![front[label]!++]!;
    }
  return given
    ? { train: chosen.train, validation: Int32Array.from({ length: given.count }, (_, i) => i), heldOut: given }
    : { ...chosen, heldOut: train };
}
