/** The images of the sweep as raw files, which Python reads into memory: the same images that Ablate trains on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Spec } from '@ablate/contracts';
import { type ImageSet, openDataset, openPixels, split } from '@ablate/data';
import { trainingData } from '../train/training-data.ts';

export async function writeImages({ dataset: choice }: Spec, folder: string): Promise<void> {
  const dataset = await openDataset(choice, trainingData());
  const { train, validation, heldOut } = split(dataset, choice);
  const bytes = dataset.imageSize ** 2 * 3;
  const write = (name: string, { images, labels, count }: ImageSet, indices?: Int32Array): void => {
    const pixels = openPixels(images, bytes);
    const chosen = indices ?? Int32Array.from({ length: count }, (_, i) => i);
    const whole = new Uint8Array(chosen.length * bytes);
    chosen.forEach((index, at) => {
      whole.set(pixels.at(index), at * bytes);
    });
    pixels.close();
    writeFileSync(join(folder, `${name}.images`), whole);
    writeFileSync(
      join(folder, `${name}.labels`),
      Int32Array.from(chosen, (index) => labels[index] ?? 0),
    );
  };
  write('train', dataset.train, train);
  write('validation', heldOut, validation);
  write('test', dataset.test);
  const { imageSize, mean, std } = dataset;
  writeFileSync(join(folder, 'facts.json'), JSON.stringify({ imageSize, mean, std }));
}
