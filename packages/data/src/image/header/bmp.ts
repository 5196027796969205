/** Windows bitmaps without compression, which libvips does not read. https://learn.microsoft.com/windows/win32/gdi/bitmap-storage */
import type { Picture } from '../../dataset.ts';
import { type Header, UnreadableImage, viewOf } from './header.ts';

type Layout = Pick<Header, 'width' | 'height'> & {
  isTopDown: boolean;
  bits: number;
  /** First byte of the pixels. */
  pixels: number;
  /** First byte of the palette, and the bytes and number of its entries. */
  palette: { at: number; bytes: 3 | 4; entries: number };
};

const INFO_BYTES = [40, 52, 56, 64, 108, 124];
const RAW = 0;
const BITFIELDS = 3;
/** Red, green and blue in the order that 32-bit bitmaps have without masks. */
const USUAL_MASKS = [0xff0000, 0xff00, 0xff];

function layoutOf(bytes: Uint8Array): Layout {
  const view = viewOf(bytes);
  const size = view.getUint32(14, true);
  const isCore = size === 12;
  if (!isCore && !INFO_BYTES.includes(size)) throw new UnreadableImage(`BMP header of ${size} bytes is not supported`);
  const height = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? RAW : view.getUint32(30, true);
  const masks = () => USUAL_MASKS.every((mask, channel) => view.getUint32(54 + 4 * channel, true) === mask);
  const isRaw = compression === RAW || (compression === BITFIELDS && bits === 32 && masks());
  if (![1, 4, 8, 24, 32].includes(bits) || !isRaw)
    throw new UnreadableImage(`BMP with ${bits} bits per pixel and compression ${compression} is not supported`);
  const named = isCore ? 0 : view.getUint32(46, true);
  return {
    width: isCore ? view.getUint16(18, true) : view.getInt32(18, true),
    height: Math.abs(height),
    isTopDown: height < 0,
    bits,
    pixels: view.getUint32(10, true),
    palette: { at: 14 + size, bytes: isCore ? 3 : 4, entries: Math.min(named || 2 ** bits, 256) },
  };
}

/** @throws RangeError if the file is cut short */
function decodeBmp(bytes: Uint8Array): Picture {
  const { width, height, isTopDown, bits, pixels: start, palette } = layoutOf(bytes);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (start + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) throw new RangeError('cut short');
  const pixels = new Uint8Array(width * height * 3);
  const colours = bytes.subarray(palette.at, palette.at + palette.bytes * palette.entries);
  for (let y = 0, to = 0; y < height; y++) {
    const row = start + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++, to += 3) {
      let [source, from] = [bytes, row + (x * bits) / 8];
      if (bits <= 8) {
        const byte = bytes[Math.floor(from)]!;
        const index = (byte >> (8 - bits - ((x * bits) % 8))) & (2 ** bits - 1);
        [source, from] = [colours, index * palette.bytes];
      }
      pixels[to] = source[from + 2]!;
      pixels[to + 1] = source[from + 1]!;
      pixels[to + 2] = source[from]!;
    }
  }
  return { width, height, pixels };
}

export function bmpHeader(bytes: Uint8Array): Header {
  const { width, height } = layoutOf(bytes);
  return { width, height, orientation: 1, isCmyk: false, depth: 8, bytesPerPixel: 3, decode: decodeBmp };
}
