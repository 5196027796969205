/** Arranges packed images into sets: classes, labels and order. */
import { DatasetError, type SetName } from '../dataset.ts';
import type { SPLIT_RULES } from './files.ts';
import type { PackRecord, PictureRecord } from './partial-pack.ts';

/** `indices`: of the pictures in the part file. `orders`: their paths in the source. */
export type ArrangedSet = { labels: Int32Array; indices: Int32Array; orders: string[] };
export type Arranged = {
  classes: string[];
  train: ArrangedSet;
  test: ArrangedSet;
  validation: ArrangedSet | null;
  splitRule: keyof typeof SPLIT_RULES;
};

type Indexed = PictureRecord & { index: number };

const byOrder = (a: Indexed, b: Indexed) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);

/** Sorted by the source's class numbers if every class has one, else by name. */
function classNames(train: readonly Indexed[]): string[] {
  const numbers = new Map<string, number | undefined>();
  for (const { className, classIndex } of train) {
    if (numbers.has(className) && numbers.get(className) !== classIndex)
      throw new DatasetError(`class "${className}" has two labels: ${numbers.get(className)} and ${classIndex}`);
    numbers.set(className, classIndex);
  }
  const names = [...numbers.keys()].sort();
  const numbered = names.every((name) => numbers.get(name) !== undefined);
  return numbered ? names.sort((a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0)) : names;
}

function toSet(pictures: Indexed[], labelOf: ReadonlyMap<string, number>): ArrangedSet {
  pictures.sort(byOrder);
  pictures.forEach(({ order, className }, i) => {
    if (pictures[i - 1]?.order === order) throw new DatasetError(`${order}: duplicate image`);
    if (!labelOf.has(className)) throw new DatasetError(`${order}: class "${className}" has no training images`);
  });
  return {
    labels: Int32Array.from(pictures, ({ className }) => labelOf.get(className) ?? 0),
    indices: Int32Array.from(pictures, ({ index }) => index),
    orders: pictures.map(({ order }) => order),
  };
}

/**
 * Each set sorted by `order`. If there are no test images, the validation images become the test set, as for ImageNet, whose
 * test labels are not public.
 * @throws DatasetError if a class has no training images, an image is a duplicate, or a set is empty
 */
export function arrange(records: readonly PackRecord[]): Arranged {
  const sets: Record<SetName, Indexed[]> = { train: [], validation: [], test: [] };
  let index = 0;
  for (const record of records) if (!('broken' in record)) sets[record.set].push({ ...record, index: index++ });
  const isTest = sets.test.length > 0;
  const test = isTest ? sets.test : sets.validation;
  if (sets.train.length === 0 || test.length === 0)
    throw new DatasetError(
      index === 0
        ? 'no images found; expected train/<class>/… and test/<class>/… (or val/), each with JPEG, PNG, WebP, TIFF or BMP files'
        : `found ${sets.train.length} training and ${test.length} test images; expected train/<class>/… and test/<class>/… (or val/), so move a part of the images of each class there`,
    );
  const classes = classNames(sets.train);
  if (classes.length < 2) throw new DatasetError(`found one class only, "${classes[0]}"; at least two are needed`);
  const labelOf = new Map(classes.map((name, i) => [name, i]));
  return {
    classes,
    train: toSet(sets.train, labelOf),
    test: toSet(test, labelOf),
    validation: isTest && sets.validation.length > 0 ? toSet(sets.validation, labelOf) : null,
    splitRule: !isTest ? 'validationAsTest' : sets.validation.length > 0 ? 'given' : 'heldOut',
  };
}
