/** Image files for tests, written from their definitions: PNG of any kind, and JPEG with further segments. */
import { crc32, deflateSync } from 'node:zlib';

export function pngChunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

export type PngKind = { width: number; height: number; colour: 0 | 2 | 3 | 4 | 6; depth: number; interlaced?: boolean };

/** @param rows of all passes, each with its filter byte */
export function pngOf(
  { width, height, colour, depth, interlaced = false }: PngKind,
  rows: Uint8Array,
  before: readonly Buffer[] = [],
): Buffer {
  const header = Buffer.from([...Array(8).fill(0), depth, colour, 0, 0, interlaced ? 1 : 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...before,
    pngChunk('IDAT', deflateSync(rows, { level: 1 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One colour, 8 bits per channel. */
export const plainPng = (width: number, height: number, value = 0): Buffer =>
  pngOf(
    { width, height, colour: 2, depth: 8 },
    Buffer.alloc((3 * width + 1) * height, Buffer.from([0, ...Array(3 * width).fill(value)])),
  );

export function jpegSegment(marker: number, content: string): Buffer {
  const body = Buffer.from(content, 'latin1');
  const out = Buffer.from([0xff, marker, 0, 0, ...body]);
  out.writeUInt16BE(body.length + 2, 2);
  return out;
}

/** Behind the first marker, SOI. */
export const withSegments = (jpeg: Uint8Array, ...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
