import type { SetName } from '../../dataset.ts';

/** Usual names of the three sets. */
const SETS: Readonly<Record<string, SetName>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
};

export const setNamed = (word: string): SetName | undefined => (Object.hasOwn(SETS, word) ? SETS[word] : undefined);

/** The set that a file belongs to, by the first word of its path that names one: `data/train-00000-of-00002.parquet`, `train/000.tar`. */
export function setOfFile(path: string): SetName | undefined {
  for (const part of path.toLowerCase().split('/'))
    for (const word of part.split(/[^a-z]+/)) {
      const found = setNamed(word);
      if (found) return found;
    }
  return undefined;
}
