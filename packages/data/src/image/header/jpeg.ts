/** The segments of a JPEG before its first scan (ITU-T T.81, B.2). */
import { type Header, latin1, UnreadableImage, viewOf } from './header.ts';
import { type Metadata, orientationOf } from './orientation.ts';

const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';

const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Markers without a segment: TEM, RST0 to RST7, SOI. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
/** Sequential and progressive, with Huffman or arithmetic coding. */
const DECODED: readonly number[] = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];

type Frame = Pick<Header, 'width' | 'height'> & { components: number; isProgressive: boolean };

function frameOf(marker: number, bytes: Uint8Array, at: number): Frame {
  const view = viewOf(bytes);
  if (!DECODED.includes(marker)) throw new UnreadableImage('lossless and hierarchical JPEG is not supported');
  const precision = view.getUint8(at + 4);
  if (precision !== 8) throw new UnreadableImage(`JPEG with ${precision} bits per channel is not supported; use 8`);
  const components = view.getUint8(at + 9);
  if (components !== 1 && components !== 3 && components !== 4)
    throw new UnreadableImage(`JPEG with ${components} channels is not supported`);
  return {
    width: view.getUint16(at + 7),
    height: view.getUint16(at + 5),
    components,
    isProgressive: marker === 0xc2 || marker === 0xca,
  };
}

export function jpegHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  const metadata: Metadata = {};
  let frame: Frame | undefined;
  for (let at = 2; ; ) {
    // Between segments there may be fill bytes; decoders skip other stray bytes too.
    while (view.getUint8(at) !== 0xff || view.getUint8(at + 1) === 0xff || view.getUint8(at + 1) === 0) at++;
    const marker = view.getUint8(at + 1);
    if (isBare(marker)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) break;
    const end = at + 2 + view.getUint16(at + 2);
    if (isFrame(marker)) frame ??= frameOf(marker, bytes, at);
    if (marker === 0xe1) {
      const start = at + 4;
      if (latin1(bytes, start, start + EXIF.length) === EXIF) metadata.exif ??= bytes.subarray(start, end);
      if (latin1(bytes, start, start + XMP.length) === XMP) metadata.xmp = bytes.subarray(start + XMP.length, end);
    }
    at = end;
  }
  if (!frame) throw new UnreadableImage('the JPEG has no frame header');
  const { width, height, components, isProgressive } = frame;
  const orientation = orientationOf(metadata);
  const isCmyk = components === 4;
  return {
    width,
    height,
    orientation,
    isCmyk,
    depth: 8,
    // Progressive: all coefficients, two bytes each.
    bytesPerPixel: 4 + (isCmyk ? 4 : 0) + (isProgressive ? 2 * components : 0) + (orientation > 1 ? components : 0),
  };
}
