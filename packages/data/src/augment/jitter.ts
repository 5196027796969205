import type { ImageOp } from '@ablate/contracts';
import { shuffle } from '@ablate/random';
import { inTurn } from './chain.ts';
import type { Apply } from './change.ts';
import { hue, saturation } from './color.ts';
import { brightness, contrast } from './tables.ts';

const CHANGES = [brightness, contrast, saturation, hue] as const;

/** Brightness, contrast, saturation and hue, in random order (torchvision's ColorJitter). */
export function colorJitter(op: Extract<ImageOp, { op: 'colorJitter' }>, size: number): Apply {
  const widths = [op.brightness, op.contrast, op.saturation, op.hue] as const;
  return inTurn(size, (chain, random) => {
    const order = shuffle(Int32Array.of(0, 1, 2, 3), random);
    const draws = widths.map(() => random.uniform()); // always four, so that no width affects another's draw
    for (const position of order) {
      const width = widths[position]!;
      if (width === 0) continue;
      const [low, high] = position === 3 ? [-width, width] : [Math.max(0, 1 - width), 1 + width];
      const factor = low + (high - low) * draws[position]!;
      const change = CHANGES[position]!;
      chain((from, to) => change(from, to, factor));
    }
  });
}
