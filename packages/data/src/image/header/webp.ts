/** The chunks of a WebP (RFC 9649, 2). */
import { type Header, latin1, UnreadableImage, viewOf } from './header.ts';
import { type Metadata, orientationOf } from './orientation.ts';

type Size = Pick<Header, 'width' | 'height'>;

const uint24 = (view: DataView, at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;

/** Of the canvas, or of an image without one. `at`: the chunk's content. */
const SIZES: Readonly<Record<string, (view: DataView, at: number) => Size>> = {
  VP8X: (view, at) => ({ width: uint24(view, at + 4) + 1, height: uint24(view, at + 7) + 1 }),
  'VP8 ': (view, at) => ({
    width: view.getUint16(at + 6, true) % 16_384,
    height: view.getUint16(at + 8, true) % 16_384,
  }),
  VP8L: (view, at) => {
    const bits = view.getUint32(at + 1, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  },
};

export function webpHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  const metadata: Metadata = {};
  let size: Size | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const type = latin1(bytes, at, at + 4);
    const length = view.getUint32(at + 4, true);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    size ??= SIZES[type]?.(view, at + 8);
    if (type === 'EXIF') metadata.exif ??= chunk;
    if (type === 'XMP ') metadata.xmp ??= chunk;
    at += 8 + length + (length % 2);
  }
  if (!size) throw new UnreadableImage('the WebP has no image');
  const orientation = orientationOf(metadata);
  return { ...size, orientation, isCmyk: false, depth: 8, bytesPerPixel: 16 + (orientation > 1 ? 4 : 0) };
}
