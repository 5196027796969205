/** Sharpness and blurs: changes of a pixel by its neighbours. */
import { blend } from './tables.ts';

/**
 * Away from the smoothed image (factor above 1) or towards it: Pillow's ImageEnhance.Sharpness. Its SMOOTH kernel is
 * (1 1 1, 1 5 1, 1 1 1) / 13, and the border is unchanged.
 */
export function sharpness(from: Uint8Array, to: Uint8Array, size: number, factor: number): void {
  const alpha = Math.fround(factor);
  const row = size * 3;
  to.set(from);
  for (let y = 1; y < size - 1; y++)
    for (let at = y * row + 3, end = (y + 1) * row - 3; at < end; at++) {
      const centre = from[at]!;
      const sum =
        from[at - row - 3]! +
        from[at - row]! +
        from[at - row + 3]! +
        from[at - 3]! +
        5 * centre +
        from[at + 3]! +
        from[at + row - 3]! +
        from[at + row]! +
        from[at + row + 3]!;
      to[at] = blend(Math.floor((2 * sum + 13) / 26), centre, alpha);
    }
}

/** Mirror a position about the border pixels until it is inside. */
export function reflect(position: number, size: number): number {
  if (size === 1) return 0;
  let inside = position;
  while (inside < 0 || inside >= size) inside = inside < 0 ? -inside : 2 * (size - 1) - inside;
  return inside;
}

/**
 * torchvision's gaussian_blur: `kernel` weights per axis, mirrored borders.
 * @param scratch (size, size, 3) numbers, overwritten
 */
export function gaussian(
  from: Uint8Array,
  to: Uint8Array,
  size: number,
  { kernel, sigma, scratch }: { kernel: number; sigma: number; scratch: Float32Array },
): void {
  const half = (kernel - 1) / 2;
  // torchvision's linspace ends at (kernel - 1) / (2 √2), so that the exponent is -x² / (2 σ²).
  const raw = Array.from({ length: kernel }, (_, tap) => Math.exp(-((tap - half) ** 2) / (2 * sigma * sigma)));
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = Float64Array.from(raw, (weight) => weight / total);
  const sources = Int32Array.from({ length: size + 2 * half }, (_, position) => reflect(position - half, size));
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let tap = 0; tap < kernel; tap++)
          sum += weights[tap]! * from[(y * size + sources[x + tap]!) * 3 + channel]!;
        scratch[(y * size + x) * 3 + channel] = sum;
      }
  for (let y = 0; y < size; y++)
    for (let at = 0; at < size * 3; at++) {
      let sum = 0;
      for (let tap = 0; tap < kernel; tap++) sum += weights[tap]! * scratch[sources[y + tap]! * size * 3 + at]!;
      to[y * size * 3 + at] = Math.round(sum);
    }
}

const BOX_PASSES = 3;

/**
 * Pillow's GaussianBlur: three box blurs along each axis with a fractional radius.
 * https://github.com/python-pillow/Pillow/blob/main/src/libImaging/BoxBlur.c, after Gwosdek et al., "Theoretical
 * foundations of Gaussian convolution by extended box filtering", 2011.
 * @param scratch (size, size, 3) bytes, overwritten
 */
export function boxGaussian(
  from: Uint8Array,
  to: Uint8Array,
  size: number,
  { radius, scratch }: { radius: number; scratch: Uint8Array },
): void {
  const variance = Math.fround((radius * radius) / BOX_PASSES);
  const length = Math.fround(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((length - 1) / 2);
  const rest = ((2 * whole + 1) * (whole * (whole + 1) - 3 * variance)) / (6 * (variance - (whole + 1) ** 2));
  const box = Math.fround(whole + rest);
  to.set(from);
  if (box <= 0) return;
  for (const [step, line] of [
    [3, size * 3],
    [size * 3, 3],
  ] as const)
    for (let pass = 0; pass < BOX_PASSES; pass++) {
      scratch.set(to);
      for (let index = 0; index < size; index++)
        for (let channel = 0; channel < 3; channel++)
          boxLine(scratch, to, { start: index * line + channel, step, size, radius: box });
    }
}

function boxLine(
  from: Uint8Array,
  to: Uint8Array,
  { start, step, size, radius }: { start: number; step: number; size: number; radius: number },
): void {
  const whole = Math.trunc(radius);
  // A 24-bit float in C, which decides ties.
  const inner = Math.trunc(Math.fround(2 ** 24 / Math.fround(radius * 2 + 1)));
  const outer = Math.trunc((2 ** 24 - (whole * 2 + 1) * inner) / 2);
  const value = (position: number): number => from[start + Math.max(0, Math.min(size - 1, position)) * step]!;
  for (let x = 0; x < size; x++) {
    let sum = 0;
    for (let tap = -whole; tap <= whole; tap++) sum += value(x + tap);
    const bulk = sum * inner + (value(x - whole - 1) + value(x + whole + 1)) * outer;
    to[start + x * step] = Math.floor((bulk + 2 ** 23) / 2 ** 24);
  }
}
