/** Chooses the training images of a contact sheet. */
import type { DatasetChoice } from '@ablate/contracts';
import { split } from '../batch/split.ts';
import { spreadOverClasses } from '../batch/spread.ts';
import type { Dataset } from '../dataset.ts';

/** Indices of `count` images that a run trains on, spread over the classes. */
export function trainingExamples(
  dataset: Pick<Dataset, 'name' | 'train' | 'validation'>,
  choice: Pick<DatasetChoice, 'samples' | 'validation' | 'splitSeed'>,
  count: number,
): number[] {
  return spreadOverClasses(dataset.train.labels, split(dataset, choice).train, count);
}
