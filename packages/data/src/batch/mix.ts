/** Mixup (arXiv 1710.09412) and CutMix (arXiv 1905.04899): mix pairs of a batch's images and their labels. */
import { type AugmentOp, type MixOp, mixOps } from '@ablate/contracts';
import { type CountedRandom, countedRandom, drawBeta, type RandomKey, randomKey, shuffle } from '@ablate/random';

/** Replaces each image i of (B, H, W, 3) by its mixture with image `partner[i]`; returns the share of i's own label. */
type Mix = (images: Float32Array, partner: Int32Array, share: number, size: number, random: CountedRandom) => number;

const mixers: Record<MixOp['op'], Mix> = {
  mixup: (images, partner, share, size) => {
    const bytes = size * size * 3;
    const own = images.slice(0, partner.length * bytes);
    for (let i = 0, at = 0; i < partner.length; i++)
      for (let other = partner[i]! * bytes, end = at + bytes; at < end; at++, other++)
        images[at] = share * own[at]! + (1 - share) * own[other]!;
    return share;
  },
  // One box for the batch, with a random centre, clipped at the border: the share is the area outside it (timm, torchvision).
  cutmix: (images, partner, share, size, random) => {
    const half = Math.floor(0.5 * size * Math.sqrt(1 - share));
    const [x, y] = [random.integer(size), random.integer(size)];
    const [left, right] = [Math.max(0, x - half), Math.min(size, x + half)];
    const [top, bottom] = [Math.max(0, y - half), Math.min(size, y + half)];
    const row = (right - left) * 3;
    const rows = bottom - top;
    const boxes = new Float32Array(partner.length * rows * row);
    const start = (image: number, line: number) => ((image * size + top + line) * size + left) * 3;
    for (let i = 0; i < partner.length; i++)
      for (let line = 0; line < rows; line++) {
        const from = start(i, line);
        boxes.set(images.subarray(from, from + row), (i * rows + line) * row);
      }
    for (let i = 0; i < partner.length; i++)
      for (let line = 0; line < rows; line++) {
        const from = (partner[i]! * rows + line) * row;
        images.set(boxes.subarray(from, from + row), start(i, line));
      }
    return 1 - (rows * (right - left)) / (size * size);
  },
};

/** One-hot encode labels (B) into `targets` (B, classes). */
export function oneHot(labels: Int32Array, targets: Float32Array, classes: number): void {
  targets.fill(0);
  for (let i = 0; i < labels.length; i++) targets[i * classes + labels[i]!] = 1;
}

/** Mix a normalised batch (B, H, W, 3) and its soft labels (B, classes), in place. */
export type Mixer = (images: Float32Array, targets: Float32Array, epoch: number, number: number) => void;

function mixTargets(targets: Float32Array, partner: Int32Array, share: number, classes: number): void {
  const own = targets.slice();
  for (let i = 0; i < partner.length; i++)
    for (let c = 0; c < classes; c++)
      targets[i * classes + c] = share * own[i * classes + c]! + (1 - share) * own[partner[i]! * classes + c]!;
}

/**
 * At most one of the operations mixes a batch, each with its own probability: mixup and cutmix with p = 0.5 each equal timm's
 * `--mixup --cutmix` with a switch probability of 0.5. Choice, share λ ~ Beta(alpha, alpha), box and partners are drawn from
 * (seed, epoch, batch) only.
 */
export function mixer(
  augment: readonly AugmentOp[],
  { size, classes, seed }: { size: number; classes: number; seed: number },
): Mixer {
  const ops = mixOps(augment);
  const choiceKey = randomKey(seed, 'mix.choice');
  const keys: Record<MixOp['op'], RandomKey> = {
    mixup: randomKey(seed, 'mix.mixup'),
    cutmix: randomKey(seed, 'mix.cutmix'),
  };
  return (images, targets, epoch, number) => {
    let drawn = countedRandom(choiceKey, [epoch, number]).uniform();
    const chosen = ops.find(({ p }) => {
      drawn -= p;
      return drawn < 0;
    });
    if (!chosen) return;
    const random = countedRandom(keys[chosen.op], [epoch, number]);
    const share = drawBeta(random, chosen.alpha);
    const partner = shuffle(
      Int32Array.from({ length: targets.length / classes }, (_, i) => i),
      random,
    );
    mixTargets(targets, partner, mixers[chosen.op](images, partner, share, size, random), classes);
  };
}
