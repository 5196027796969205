/** Colour changes, as in Pillow: https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Convert.c and ImageEnhance.py */
import { blend, grey } from './tables.ts';

/** Luma in all three channels. */
export function grayscale(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += 3) {
    const value = grey(from[at]!, from[at + 1]!, from[at + 2]!);
    to[at] = value;
    to[at + 1] = value;
    to[at + 2] = value;
  }
}

/** Away from the image's grey version (factor above 1) or towards it. */
export function saturation(from: Uint8Array, to: Uint8Array, factor: number): void {
  const alpha = Math.fround(factor);
  for (let at = 0; at < from.length; at += 3) {
    const value = grey(from[at]!, from[at + 1]!, from[at + 2]!);
    to[at] = blend(value, from[at]!, alpha);
    to[at + 1] = blend(value, from[at + 1]!, alpha);
    to[at + 2] = blend(value, from[at + 2]!, alpha);
  }
}

/** Rotate hues by `turn` (1 is the whole circle) in Pillow's 8-bit HSV, as torchvision does. */
export function hue(from: Uint8Array, to: Uint8Array, turn: number): void {
  const shift = Math.trunc(turn * 255) & 255;
  for (let at = 0; at < from.length; at += 3) {
    const [red, green, blue] = [from[at]!, from[at + 1]!, from[at + 2]!];
    const most = Math.max(red, green, blue);
    const spread = most - Math.min(red, green, blue);
    if (spread === 0) {
      to[at] = to[at + 1] = to[at + 2] = most;
      continue;
    }
    const r = Math.fround((most - red) / spread);
    const g = Math.fround((most - green) / spread);
    const b = Math.fround((most - blue) / spread);
    const sixths = red === most ? Math.fround(b - g) : green === most ? Math.fround(2 + r - b) : Math.fround(4 + g - r);
    const angle = Math.fround((sixths / 6 + 1) % 1);
    const turned = (Math.trunc(angle * 255) + shift) & 255;
    const saturated = Math.trunc(Math.fround(spread / most) * 255);
    fromHsv(to, at, turned, saturated, most);
  }
}

function fromHsv(to: Uint8Array, at: number, angle: number, saturated: number, value: number): void {
  if (saturated === 0) {
    to[at] = to[at + 1] = to[at + 2] = value;
    return;
  }
  const sixth = Math.floor((angle * 6) / 255);
  const rest = Math.fround((angle * 6) / 255 - sixth);
  const share = Math.fround(saturated / 255);
  const low = Math.round(value * (1 - share));
  const falling = Math.round(value * (1 - share * rest));
  const rising = Math.round(value * (1 - share * (1 - rest)));
  const sector = sixth % 6;
  to[at] = sector === 0 || sector === 5 ? value : sector === 1 ? falling : sector === 4 ? rising : low;
  to[at + 1] = sector === 1 || sector === 2 ? value : sector === 0 ? rising : sector === 3 ? falling : low;
  to[at + 2] = sector === 3 || sector === 4 ? value : sector === 2 ? rising : sector === 5 ? falling : low;
}
