/** Chooses the training images of a contact sheet. */
import type { DatasetChoice } from '@ablate/contracts';
import { split } from '../batch/split.ts';
import type { Dataset } from '../dataset.ts';

/** Indices of `count` images that a run trains on: the classes take turns, so that each is shown before one is shown twice. */
export function trainingExamples(
  dataset: Pick<Dataset, 'name' | 'classes' | 'train' | 'validation'>,
  choice: Pick<DatasetChoice, 'samples' | 'validation' | 'splitSeed'>,
  count: number,
): number[] {
  const { train } = split(dataset, choice);
  const ofClass = dataset.classes.map((): number[] => []);
  for (const index of train) ofClass[dataset.train.labels[index]!]!.push(index);
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < Math.min(count, train.length); turn++)
    chosen.push(...ofClass.flatMap((members) => members.slice(turn, turn + 1)));
  return chosen.slice(0, count);
}
