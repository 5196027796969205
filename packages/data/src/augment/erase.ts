/** Random erasing. */
import type { ImageOp } from '@ablate/contracts';
import type { CountedRandom } from '@ablate/random';
import { roundEven } from '../image/resize.ts';
import type { Apply } from './change.ts';

type Channels = readonly [number, number, number];

const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(value * 255)));

/**
 * Erase random boxes: Zhong et al., "Random erasing data augmentation", 2020; sizes drawn as in timm and torchvision. Both erase after
 * normalisation; here, bytes before normalisation get 0, the mean, or normal values about the mean, clipped to 0 to 255.
 */
export function erase(
  { scale: [least, most], ratio: [low, high], fill, count: [fewest, greatest] }: Extract<ImageOp, { op: 'erase' }>,
  size: number,
  { mean, std }: { mean: Channels; std: Channels },
): Apply {
  const drawn = (random: CountedRandom, channel: number): number =>
    byte((mean[channel] ?? 0) + (std[channel] ?? 0) * random.normal());
  const painter = {
    zero: () => () => 0,
    mean: () => (_random: CountedRandom, channel: number) => byte(mean[channel] ?? 0),
    noise: () => drawn,
    color: (random: CountedRandom) => {
      const color = [0, 1, 2].map((channel) => drawn(random, channel));
      return (_random: CountedRandom, channel: number) => color[channel] ?? 0;
    },
  }[fill];

  return (from, to, random) => {
    to.set(from);
    const boxes = fewest + random.integer(greatest - fewest + 1);
    for (let box = 0; box < boxes; box++)
      for (let attempt = 0; attempt < 10; attempt++) {
        const area = ((least + (most - least) * random.uniform()) * size * size) / boxes;
        const ratio = low * (high / low) ** random.uniform();
        const height = roundEven(Math.sqrt(area * ratio));
        const width = roundEven(Math.sqrt(area / ratio));
        if (height >= size || width >= size) continue;
        const top = random.integer(size - height + 1);
        const left = random.integer(size - width + 1);
        const paint = painter(random);
        for (let y = top; y < top + height; y++)
          for (let x = left; x < left + width; x++)
            for (let channel = 0; channel < 3; channel++) to[(y * size + x) * 3 + channel] = paint(random, channel);
        break;
      }
  };
}
