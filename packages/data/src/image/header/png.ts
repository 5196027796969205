/** The chunks of a PNG (PNG 3rd edition, 5 and 11). */
import { inflateSync } from 'node:zlib';
import { type Header, latin1, UnreadableImage, viewOf } from './header.ts';
import { type Metadata, orientationOf } from './orientation.ts';

/** Largest metadata text that is decompressed; Pillow's limit. */
const MAX_TEXT_BYTES = 2 ** 20;
const XMP = 'XML:com.adobe.xmp';
/** ImageMagick's way to write Exif before eXIf was standard: three lines, then hexadecimal digits. */
const RAW_EXIF = 'Raw profile type exif';

function inflated(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch {
    return undefined; // damaged or oversized metadata do not make the pixels unreadable
  }
}

type Text = { type: string; chunk: Uint8Array };

/** The text of a tEXt, zTXt or iTXt chunk; undefined if it is damaged. */
function textOf({ type, chunk }: Text): Uint8Array | undefined {
  const end = chunk.indexOf(0);
  if (type === 'tEXt') return chunk.subarray(end + 1);
  if (type === 'zTXt') return inflated(chunk.subarray(end + 2));
  // iTXt: compression flag and method, then language and translated keyword, which a NUL ends each.
  const language = chunk.indexOf(0, end + 3);
  const translated = chunk.indexOf(0, language + 1);
  if (language < 0 || translated < 0) return undefined;
  const text = chunk.subarray(translated + 1);
  return chunk[end + 1] === 1 ? inflated(text) : text;
}

const hexadecimal = (text: Uint8Array): Uint8Array =>
  Buffer.from(latin1(text, 0, text.length).split('\n').slice(3).join(''), 'hex');

/** Of all chunks, those behind the pixels included. Of several texts with one keyword the last counts. */
function metadataOf(bytes: Uint8Array): Metadata {
  const view = viewOf(bytes);
  const texts = new Map<string, Text>();
  let exif: Uint8Array | undefined;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = latin1(bytes, at + 4, at + 8);
    if (type === 'IEND') break;
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'eXIf') exif = chunk;
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt')
      for (const keyword of [XMP, RAW_EXIF])
        if (latin1(chunk, 0, keyword.length + 1) === `${keyword}\0`) texts.set(keyword, { type, chunk });
    at += 12 + length;
  }
  const text = (keyword: string) => {
    const found = texts.get(keyword);
    return found && textOf(found);
  };
  const raw = exif ? undefined : text(RAW_EXIF);
  return { exif: exif ?? (raw && hexadecimal(raw)), xmp: text(XMP) };
}

/** Channels as libvips stores them, by colour type; a palette may have transparency. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 2, 2: 4, 3: 4, 4: 2, 6: 4 };

export function pngHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  if (latin1(bytes, 12, 16) !== 'IHDR') throw new UnreadableImage('the PNG has no IHDR chunk');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const isDeep = view.getUint8(24) === 16;
  const channels = CHANNELS[view.getUint8(25)];
  if (channels === undefined) throw new UnreadableImage(`PNG colour type ${view.getUint8(25)} does not exist`);
  const orientation = orientationOf(metadataOf(bytes));
  const isInterlaced = view.getUint8(28) !== 0;
  const stored = channels * (isDeep ? 2 : 1);
  return {
    width,
    height,
    orientation,
    isCmyk: false,
    depth: isDeep ? 16 : 8,
    // An interlaced or turned image is in memory as a whole before it is converted.
    bytesPerPixel: (isDeep ? 9 : 3) + 1 + (isInterlaced ? stored : 0) + (orientation > 1 ? stored : 0),
  };
}
