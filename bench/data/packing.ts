/** Duration of packing, for which the first run of a data set waits. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspectDataset, openDataset } from '@ablate/data';
import { trainingData } from '../train/training-data.ts';

const TIMES = 3;

/** Packs cifar10 from its source, in this process, with as many decoding threads as a run. */
export async function packingSeconds(folder: string) {
  const cache = join(folder, 'cache');
  const options = { ...trainingData(), cache };
  const seconds: number[] = [];
  let images = 0;
  for (let time = 0; time < TIMES; time++) {
    rmSync(cache, { recursive: true, force: true });
    const start = performance.now();
    const { train, test } = await openDataset('cifar10', options);
    seconds.push((performance.now() - start) / 1000);
    images = train.count + test.count;
  }
  const { recipe } = await inspectDataset({ name: 'cifar10' }, options);
  return { images, seconds, source: recipe.format === 'image-folder' ? 'JPEG files in a tar' : recipe.format };
}
