import type { ImageOp } from '@ablate/contracts';
import { shuffle } from '@ablate/random';
import { inTurn } from './chain.ts';
import type { Apply } from './change.ts';
import { hue, saturation } from './color.ts';
import { brightness, contrast } from './tables.ts';

const CHANGES = [brightness, contrast, saturation, hue] as const;

/** Brightness, contrast, saturation and hue, in a drawn order (torchvision's ColorJitter). */
export function colorJitter(op: Extract<ImageOp, { op: 'colorJitter' }>, size: number): Apply {
  const widths = [op.brightness, op.contrast, op.saturation, op.hue] as const;
  return inTurn(size, (chain, random) => {
    const order = shuffle(Int32Array.of(0, 1, 2, 3), random);
    const draws = widths.map(() => random.uniform()); // all four, so that one width changes no other's draw
    for (const place of order) {
      const width = widths[place]!;
      if (width === 0) continue;
      const [low, high] = place === 3 ? [-width, width] : [Math.max(0, 1 - width), 1 + width];
      const factor = low + (high - low) * draws[place]!;
      const change = CHANGES[place]!;
      chain((from, to) => change(from, to, factor));
    }
  });
}
