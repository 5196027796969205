/** Prints the hashes of augmented images as JSON, as a second process for `augment.test.ts`. */
import { createHash } from 'node:crypto';
import { augmentOps } from '@ablate/contracts';
import { augmenter } from '@ablate/data';
import { z } from 'zod';

const SIZE = 32;
const sets = z.array(z.string()).parse(JSON.parse(process.argv[2] ?? ''));
const hashes = sets.map((set) => {
  const augment = augmenter(augmentOps(set), {
    size: SIZE,
    mean: [0.49, 0.48, 0.45],
    std: [0.25, 0.24, 0.26],
    seed: 1,
  });
  const hash = createHash('sha256');
  for (let image = 0; image < 12; image++) {
    const pixels = Uint8Array.from(
      { length: SIZE * SIZE * 3 },
      (_, at) => (at * (image + 3) + (at >> 5) * 17 + (at % 3) * 60) & 255,
    );
    hash.update(augment(pixels, 3, image));
  }
  return [set, hash.digest('hex')];
});
process.stdout.write(JSON.stringify(Object.fromEntries(hashes)));
