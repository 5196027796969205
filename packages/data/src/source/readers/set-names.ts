/** Recognizes the training, validation and test set in paths. */
import { DatasetError, type SetName } from '../../dataset.ts';

/** Usual names of the three sets, as Hugging Face's `datasets` recognizes them, in lower case. */
const SETS: Readonly<Record<string, SetName>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  eval: 'test',
  evaluation: 'test',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
};

export const setNamed = (word: string): SetName | undefined => {
  const name = word.toLowerCase();
  return Object.hasOwn(SETS, name) ? SETS[name] : undefined;
};

/** `prefix`: the path before the word that names the set; `name`: the path up to its end, such as `fold0/train`. */
export type SetPlace = { set: SetName; prefix: string; name: string };

/** The set that a file belongs to, by the first word of its path that names one: `data/train-00000-of-00002.parquet`, `train/000.tar`. */
export function setOfFile(path: string): SetPlace | undefined {
  for (const { 0: word, index } of path.matchAll(/[a-z]+/gi)) {
    const set = setNamed(word);
    if (!set) continue;
    const before = path.slice(0, index);
    // The number of a shard before the word is no other data set: `000-train.tar`.
    return { set, prefix: before.replace(/(^|\/)[\d_.-]+$/, '$1'), name: path.slice(0, index + word.length) };
  }
  return undefined;
}

/**
 * Checks that a source has one training, one validation and one test set, all in one place. Merged splits, such as
 * `fold0/{train,test}` and `fold1/{train,test}`, would put test images into training.
 */
export function oneOfEach(): (place: SetPlace) => void {
  const seen = new Map<SetName, SetPlace>();
  let first: SetPlace | undefined;
  return (place) => {
    first ??= place;
    const known = seen.get(place.set) ?? place;
    seen.set(place.set, known);
    const other = first.prefix !== place.prefix ? first : known.name !== place.name ? known : undefined;
    if (other)
      throw new DatasetError(
        `found ${other.name} and ${place.name}, but a data set has one training, one validation and one test set, in one folder; move one of them to a folder of its own, with a name of its own`,
      );
  };
}
